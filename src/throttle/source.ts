import type { Config } from '../config.ts';
import type { Client } from '../kernel/ports.ts';

/**
 * Who is counted as one source: an IPv4 address, or the /64 an IPv6 customer is given, within
 * which anybody has 2^64 addresses to guess from (RL-5). Unknown addresses are one source.
 */
export function sourceOf(client: Client): string {
  const address = client.ipAddress;
  if (address === null) return 'unknown';
  return address.includes(':') ? network(address) : address;
}

/**
 * True for the developer's own machine, where every account of a trial run has the same source.
 * Never in production: there, loopback is a proxy that TRUSTED_PROXY_HOPS does not count.
 */
export function isOwnMachine({ mode }: Pick<Config, 'mode'>, { ipAddress }: Client): boolean {
  return mode === 'development' && (ipAddress === '::1' || ipAddress?.startsWith('127.') === true);
}

/** The first four groups of an address in compressed form. */
function network(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
