import { isIP } from 'node:net';

/**
 * The networks that a client is counted as, narrowest first: an IPv4 address itself, or the /64, /56 and /48 of
 * an IPv6 address. Rate limits, the hash queue and the concurrency limits all use these names.
 */
export type Source = readonly [string, ...string[]];

/** The prefix lengths of the counted IPv6 networks, narrowest first. */
const PREFIXES = [64, 56, 48] as const;

/**
 * Prefixes with an IPv4 address in their last 32 bits: IPv4-mapped (RFC 4291 2.5.5.2), IPv4-translated (RFC
 * 2765 2.1), and the two NAT64 prefixes (RFC 6052 2.1, RFC 8215). Behind such a translator, all users of IPv4
 * would otherwise be one single /64.
 */
const IPV4_PREFIXES = [
  [0, 0, 0, 0, 0, 0xffff],
  [0, 0, 0, 0, 0xffff, 0],
  [0x64, 0xff9b, 0, 0, 0, 0],
  [0x64, 0xff9b, 1, 0, 0, 0],
] as const;

/**
 * The networks that a client is counted as (RL-5). One customer gets a /64, a /56 or a /48, and a tunnel with a
 * /48 is free. A limit on a single width would let through the holder of the next one.
 *
 * @param client.ipAddress in the form of {@link canonicalAddress}; all unknown addresses are one source
 */
export function sourceOf({ ipAddress }: { readonly ipAddress: string | null }): Source {
  if (ipAddress === null) return ['unknown'];
  if (!ipAddress.includes(':')) return [ipAddress];
  const [a = 0, b = 0, c = 0, d = 0] = groupsOf(ipAddress);
  const [narrowest, ...wider] = PREFIXES.map((bits) => {
    const last = d & (0xffff << (64 - bits)) & 0xffff;
    return `${[a, b, c, last].map((group) => group.toString(16)).join(':')}::/${bits}`;
  });
  return [narrowest ?? ipAddress, ...wider];
}

/**
 * The canonical text of an address (RL-5): lower case, compressed, without port and zone, and an IPv4 address
 * inside an IPv6 address as the IPv4 address.
 *
 * @returns null for text that is not an address
 */
export function canonicalAddress(text: string | null): string | null {
  // The form in which the socket and most proxies write it.
  if (text !== null && isIP(text) === 4) return text;
  const bare =
    text
      ?.replace(/^\[(.*)\](?::\d+)?$/, '$1')
      // Some proxies add the port of the connection, which would make each connection a source of its own.
      .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
      .replace(/%.*$/, '') ?? '';
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return null;
  const compressed = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const groups = groupsOf(compressed);
  const carriesIpv4 = IPV4_PREFIXES.some((prefix) =>
    prefix.every((group, index) => group === groups[index]),
  );
  if (!carriesIpv4) return compressed;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address in compressed form. */
export function groupsOf(address: string): readonly number[] {
  const [head = '', tail = ''] = address.split('::');
  const numbers = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [numbers(head), numbers(tail)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
