import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from './source.ts';

/** IANA special-purpose IPv4 blocks. No provider on the internet has an address in them. */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/**
 * Of IPv6, only 2000::/3 is the internet. Within it, these blocks lead elsewhere: 6to4 and Teredo addresses
 * contain an IPv4 address, and both bypass a list of IPv4 blocks (GHSA-89vc-q979-qwxv).
 */
const SPECIAL_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const special = new BlockList();
for (const [net, prefix] of SPECIAL_IPV4) special.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of SPECIAL_IPV6) special.addSubnet(net, prefix, 'ipv6');
const internet = new BlockList();
internet.addSubnet('2000::', 3, 'ipv6');

/** Private networks: RFC 1918, RFC 6598 and RFC 4193. Not link-local addresses, where clouds serve secrets. */
const own = new BlockList();
own.addSubnet('10.0.0.0', 8, 'ipv4');
own.addSubnet('172.16.0.0', 12, 'ipv4');
own.addSubnet('192.168.0.0', 16, 'ipv4');
own.addSubnet('100.64.0.0', 10, 'ipv4');
own.addSubnet('fc00::', 7, 'ipv6');

/** How a network without IPv4 reaches IPv4 (RFC 6052 2.1): the last 32 bits are the IPv4 address. */
const nat64 = new BlockList();
nat64.addSubnet('64:ff9b::', 96, 'ipv6');

/**
 * True for an address on the public internet; false for private, local, mapped and reserved addresses. A NAT64
 * address is treated like the IPv4 address inside it.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  if (nat64.check(address, 'ipv6')) {
    const inside = canonicalAddress(address) ?? '';
    return isIPv4(inside) && isPublicAddress(inside);
  }
  return internet.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** True for an address in a private network. */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return own.check(address, 'ipv4');
  return isIPv6(address) && own.check(address, 'ipv6');
}
