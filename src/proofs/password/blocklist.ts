import { readFileSync } from 'node:fs';
import { sha256 } from '../../kernel/secret.ts';

/** Common passwords, in folded form (PW-8). */
export type Blocklist = { has(folded: string): boolean; readonly size: number };

/**
 * The length of an entry in the file. The file contains a sorted prefix of the SHA-256 of each password, and
 * a lookup is a binary search in its bytes. Half a million passwords as text would take megabytes, time and
 * memory to load, and secret scanners would report them. With 48 bits and half a million entries, one
 * uncommon password in 580 million is mistaken for a listed one; its owner has to choose another.
 */
const PREFIX_BYTES = 6;

/**
 * The minimum number of entries (PW-8). A file with fewer is truncated: the server refuses to start rather
 * than accept every password.
 */
const MIN_ENTRIES = 50_000;

/** The file next to this module. The build copies it next to the bundle. */
const SHIPPED = new URL('./common-passwords.bin', import.meta.url);

let shipped: Blocklist | undefined;

/**
 * Returns the list that ships with the server. The first call reads the file. The server calls this function
 * at the start, so that a missing file is noticed at once.
 */
export function shippedBlocklist(): Blocklist {
  shipped ??= loadBlocklist(SHIPPED);
  return shipped;
}

/**
 * Reads a file that {@link encodeBlocklist} created.
 *
 * @throws if the file is missing, truncated or too short
 */
export function loadBlocklist(location: URL): Blocklist {
  const table = readFileSync(location);
  const size = table.length / PREFIX_BYTES;
  if (!Number.isInteger(size) || size < MIN_ENTRIES) {
    throw new Error('The list of common passwords is incomplete.');
  }
  return { size, has: (folded) => contains(table, size, prefixOf(folded)) };
}

/** Creates the bytes of the file: the sorted prefixes of the folded entries, and nothing else. */
export function encodeBlocklist(entries: Iterable<string>): Buffer {
  const prefixes = new Set(Array.from(entries, prefixOf));
  const sorted = Array.from(prefixes).sort((a, b) => a - b);
  const table = Buffer.alloc(sorted.length * PREFIX_BYTES);
  sorted.forEach((prefix, index) => {
    table.writeUIntBE(prefix, index * PREFIX_BYTES, PREFIX_BYTES);
  });
  return table;
}

function prefixOf(folded: string): number {
  return sha256(folded).readUIntBE(0, PREFIX_BYTES);
}

function contains(table: Buffer, size: number, wanted: number): boolean {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = table.readUIntBE(middle * PREFIX_BYTES, PREFIX_BYTES);
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle;
  }
  return false;
}
