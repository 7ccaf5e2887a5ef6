import { isIP, isIPv4 } from 'node:net';
import { canonicalAddress, groupsOf } from './source.ts';

/** A block of addresses: those that start with the first `bits` bits of the prefix. */
export type Network = {
  readonly family: 4 | 6;
  readonly prefix: bigint;
  readonly bits: number;
};

const WIDTH = { 4: 32, 6: 128 } as const;

/**
 * Parses a network in CIDR notation, or a single address.
 *
 * @returns null for anything else, including a prefix with bits set behind its length: `10.1.2.3/16` is more
 *   often a mistake than a way to write `10.1.0.0/16`
 */
export function parseNetwork(text: string): Network | null {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || rest.length > 0) return null;
  // An IPv4 address inside an IPv6 address counts as the IPv4 address, so the network would never match.
  const canonical = canonicalAddress(address);
  if (canonical === null || isIP(canonical) !== family || address.includes('%')) return null;
  const width = WIDTH[family];
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null;
  const bits = length === undefined ? width : Number(length);
  if (bits > width) return null;
  const value = bitsOf(canonical);
  const behind = BigInt(width - bits);
  const prefix = value >> behind;
  return prefix << behind === value ? { family, prefix, bits } : null;
}

/** @param address in the form of {@link canonicalAddress} */
export function isWithin(address: string, { family, prefix, bits }: Network): boolean {
  return isIP(address) === family && bitsOf(address) >> BigInt(WIDTH[family] - bits) === prefix;
}

function bitsOf(address: string): bigint {
  const isIpv4 = !address.includes(':');
  const parts = isIpv4 ? address.split('.').map(Number) : groupsOf(address);
  const size = isIpv4 ? 8n : 16n;
  return parts.reduce((value, part) => (value << size) | BigInt(part), 0n);
}

/** `localhost` and the addresses that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost');
}
