import { randomBytes } from 'node:crypto';
import type { Random } from './ports.ts';

/** Fetched at once. */
const BLOCK = 4096;

/** What is cut from a block; larger amounts are fetched by themselves. */
const SMALL = 64;

/**
 * The system's random source. A call for a few bytes costs as much as one for thousands, and every
 * request takes an id: small amounts are cut from a block, each byte once, and wiped there.
 *
 * @param fetch gives that many random bytes
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
