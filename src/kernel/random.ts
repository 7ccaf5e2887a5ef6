import { randomBytes } from 'node:crypto';
import type { Random } from './ports.ts';

/** The number of bytes that are fetched at once. */
const BLOCK = 4096;

/** The maximum size that is cut from a block. Larger amounts are fetched directly. */
const SMALL = 64;

/**
 * The system's random source. A call for a few bytes costs as much as one for thousands, and every request
 * needs an id. Small amounts are therefore cut from a block. Each byte is used once and wiped from the block.
 *
 * @param fetch returns the given number of random bytes
 */
export function createRandom(fetch: (length: number) => Buffer = randomBytes): Random {
  let block: Buffer = Buffer.alloc(0);
  let taken = 0;
  return {
    bytes(length) {
      if (length > SMALL) return fetch(length);
      if (taken + length > block.length) {
        block = fetch(BLOCK);
        taken = 0;
      }
      const cut = block.subarray(taken, taken + length);
      taken += length;
      const bytes = Buffer.from(cut);
      cut.fill(0);
      return bytes;
    },
  };
}
