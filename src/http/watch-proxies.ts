import type { Config } from '../config.ts';
import { HOUR } from '../kernel/duration.ts';
import type { Clock, Log } from '../kernel/ports.ts';
import { isPublicAddress } from '../kernel/public-address.ts';
import { atMostEvery } from '../kernel/report.ts';
import type { HeaderReader } from './exchange.ts';

/** How many requests in a row tell that everybody is counted as one. */
const MANY_REQUESTS = 1_000;

/** A caller can write these headers, too: what is warned of is said once an hour at most. */
const REPEATED_AFTER = HOUR;

/** What a request says about where it came from, and what it was counted as. */
type Seen = {
  readonly headers: HeaderReader;
  /** As the limits count it, and the audit log and mails name it. */
  readonly ipAddress: string | null;
};

/**
 * Warns where TRUSTED_PROXY_HOPS does not fit what arrives. A count that is too low makes everybody one
 * source, so that strangers use up the limits of all; one that is too high is no fault that a request
 * shows, and lets callers write their own address (RL-5).
 *
 * @returns what is told of each request of an operation. Probes come past the proxies
 */
export function watchProxies(deps: {
  readonly config: Pick<Config, 'mode' | 'trustedProxyHops'>;
  readonly clock: Clock;
  readonly log: Log;
}): (request: Seen) => void {
  const { config, clock, log } = deps;
  const { trustedProxyHops } = config;
  // On a developer's machine everything comes from one address, and hops are not counted.
  if (config.mode !== 'production') return () => undefined;
  let sameAddress: string | null = null;
  let inARow = 0;

  const warning = (event: string, hint: string) =>
    atMostEvery(
      REPEATED_AFTER,
      () => log.warn({ setting: 'TRUSTED_PROXY_HOPS', trustedProxyHops, hint }, event),
      () => clock.now().getTime(),
    );
  const warnOfIgnored = warning(
    'forwarded address ignored',
    'A proxy or a caller sent the address of a client, but the limits count the address of the connection. Set TRUSTED_PROXY_HOPS to the number of proxies in front of this server that append to X-Forwarded-For.',
  );
  const warnOfMissing = warning(
    'forwarded address missing',
    'X-Forwarded-For has fewer addresses than TRUSTED_PROXY_HOPS (Forwarded is not read), so the limits count the address of the connection. Lower TRUSTED_PROXY_HOPS, or let every request come through the proxies.',
  );
  const warnOfOneSource = warning(
    'all requests from one private address',
    `The last ${MANY_REQUESTS} requests count as one source. If the address is a proxy's, set TRUSTED_PROXY_HOPS to the number of proxies. If it is a server's that calls for its users, let that server send their addresses in X-Forwarded-For and count it as a proxy.`,
  );

  return ({ headers, ipAddress }) => {
    const forwarded = headers.get('x-forwarded-for');
    if (trustedProxyHops === 0 && (forwarded !== null || headers.has('forwarded'))) warnOfIgnored();
    if (trustedProxyHops > 0 && (forwarded?.split(',').length ?? 0) < trustedProxyHops) {
      warnOfMissing();
    }
    inARow = ipAddress !== null && ipAddress === sameAddress ? inARow + 1 : 1;
    sameAddress = ipAddress;
    if (inARow === MANY_REQUESTS && ipAddress !== null && !isPublicAddress(ipAddress)) {
      inARow = 0;
      warnOfOneSource();
    }
  };
}
