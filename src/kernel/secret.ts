import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a value with high entropy (a token), for storage and lookup. */
export function sha256(value: string | Uint8Array): Buffer {
  return hash('sha256', value, 'buffer');
}

/**
 * HMAC-SHA256 over parts with length prefixes, so that no two lists of parts collide ("ab","c" and "a","bc").
 */
export function hmac(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const prefixed = parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return createHmac('sha256', key).update(Buffer.concat(prefixed)).digest();
}

/** Compares in constant time: the duration does not reveal where the first difference is. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
