import type { Config } from '../config.ts';
import { HOUR } from '../kernel/duration.ts';
import type { Clock, Log } from '../kernel/ports.ts';
import { isPublicAddress } from '../kernel/public-address.ts';
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
  const warnings = new Map<string, number>();
  let sameAddress: string | null = null;
  let inARow = 0;

  const warn = (message: string, hint: string) => {
    const now = clock.now().getTime();
    if (now < (warnings.get(message) ?? Number.NEGATIVE_INFINITY) + REPEATED_AFTER) return;
    warnings.set(message, now);
    log.warn({ setting: 'TRUSTED_PROXY_HOPS', trustedProxyHops, hint }, message);
  };

  return ({ headers, ipAddress }) => {
    const forwarded = headers.get('x-forwarded-for');
    if (trustedProxyHops === 0 && (forwarded !== null || headers.has('forwarded'))) {
      warn(
        'forwarded address ignored',
        'A proxy or a caller named the address of a client, and the limits count the address of the connection. Set TRUSTED_PROXY_HOPS to the number of proxies in front of this server that append to X-Forwarded-For.',
      );
    }
    if (trustedProxyHops > 0 && (forwarded?.split(',').length ?? 0) < trustedProxyHops) {
      warn(
        'forwarded address missing',
        'Fewer proxies than TRUSTED_PROXY_HOPS named an address in X-Forwarded-For (Forwarded is not read): the limits count the address of the connection. Lower it, or let every request come through the proxies.',
      );
    }
    inARow = ipAddress !== null && ipAddress === sameAddress ? inARow + 1 : 1;
    sameAddress = ipAddress;
    if (inARow === MANY_REQUESTS && ipAddress !== null && !isPublicAddress(ipAddress)) {
      inARow = 0;
      warn(
        'all requests from one private address',
        `The last ${MANY_REQUESTS} requests count as one source. If that is a proxy, set TRUSTED_PROXY_HOPS to the number of proxies; if it is a server that calls for its users, let it send their address in X-Forwarded-For and count it as a proxy.`,
      );
    }
  };
}
