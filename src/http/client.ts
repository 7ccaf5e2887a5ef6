import type { Client } from '../kernel/ports.ts';
import { canonicalAddress } from '../kernel/source.ts';
import type { HeaderReader } from './exchange.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const USER_AGENT_LENGTH = 512;

/** The caller's request id when it is harmless text, or a new one. */
export function requestIdOf(headers: HeaderReader, newId: () => string): string {
  const given = headers.get('x-request-id');
  return given !== null && REQUEST_ID.test(given) ? given : newId();
}

/**
 * Where a request came from. X-Forwarded-For is read from the right, as many entries as there are
 * trusted proxies: what stands further left was written by the caller (RL-5).
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
