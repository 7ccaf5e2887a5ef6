import type { Config } from '../config.ts';
import type { OperationContext } from '../graphql-engine/context.ts';
import { HOUR } from '../kernel/duration.ts';
import type { Client, Clock, Log } from '../kernel/ports.ts';
import { isPublicAddress } from '../kernel/public-address.ts';
import { atMostEvery } from '../kernel/report.ts';
import { canonicalAddress } from '../kernel/source.ts';
import type { HeaderReader } from './exchange.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const USER_AGENT_LENGTH = 512;

/** The caller's request id if it is harmless text, or a new one. */
export function requestIdOf(headers: HeaderReader, newId: () => string): string {
  const given = headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : newId();
}

/**
 * The client of a request. X-Forwarded-For is read from the right, as many entries as there are
 * trusted proxies: the entries further left were written by the caller (RL-5).
 */
export function clientOf(
  headers: HeaderReader,
  connection: { readonly remoteAddress: string | null; readonly trustedProxyHops: number },
  requestId: string,
): Client {
  return {
    ipAddress: addressOf(headers, connection.remoteAddress, connection.trustedProxyHops),
    userAgent: userAgentOf(headers),
    requestId,
  };
}

function addressOf(headers: HeaderReader, remote: string | null, hops: number): string | null {
  if (hops === 0) return canonicalAddress(remote);
  const chain = (headers.get('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim());
  return canonicalAddress(chain.at(-hops) ?? null) ?? canonicalAddress(remote);
}

/** Control characters could forge a log line or a terminal's colors (LO-3). */
function userAgentOf(headers: HeaderReader): string | null {
  const text = headers
    .get('user-agent')
    ?.replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, USER_AGENT_LENGTH);
  return text ? text.toWellFormed() : null;
}

/** This many requests in a row from one address suggest that all clients are counted as one. */
const MANY_REQUESTS = 1_000;

/** A caller can write these headers, too, so each warning is logged at most once an hour. */
const REPEATED_AFTER = HOUR;

/**
 * Warns if TRUSTED_PROXY_HOPS does not fit the requests. A count that is too low makes all clients one
 * source, so that strangers exhaust the limits of everybody. A count that is too high shows in no
 * request, and lets callers write their own address (RL-5).
 *
 * @returns a step for each request of an operation; probes do not pass the proxies. It never answers
 */
export function watchProxies(deps: {
  readonly config: Pick<Config, 'mode' | 'trustedProxyHops'>;
  readonly clock: Clock;
  readonly log: Log;
}): (
  request: { readonly headers: HeaderReader },
  context: { readonly client: Pick<OperationContext['client'], 'ipAddress'> },
) => null {
  const { config, clock, log } = deps;
  const { trustedProxyHops } = config;
  // On a developer's machine everything comes from one address, and hops are not counted.
  if (config.mode !== 'production') return () => null;
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

  return ({ headers }, { client: { ipAddress } }) => {
    const forwarded = headers.get('x-forwarded-for');
    if (trustedProxyHops === 0 && (forwarded !== null || headers.has('forwarded'))) {
      warnOfIgnored();
    }
    if (trustedProxyHops > 0 && (forwarded?.split(',').length ?? 0) < trustedProxyHops) {
      warnOfMissing();
    }
    inARow = ipAddress !== null && ipAddress === sameAddress ? inARow + 1 : 1;
    sameAddress = ipAddress;
    if (inARow === MANY_REQUESTS && ipAddress !== null && !isPublicAddress(ipAddress)) {
      inARow = 0;
      warnOfOneSource();
    }
    return null;
  };
}
