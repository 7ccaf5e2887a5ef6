import { readFileSync } from 'node:fs';
import { sha256 } from '../../kernel/secret.ts';

/** Common passwords, in folded form (PW-8). */
export type Blocklist = { has(folded: string): boolean; readonly size: number };

/**
 * Half a million passwords as text would be megabytes that scanners report and that take time and memory to
 * load. The file contains sorted prefixes of each entry's SHA-256, and a lookup is a binary search in the
 * file's bytes. With 48 bits and half a million entries, one uncommon password in 580 million is mistaken for a
 * listed one, and its owner chooses another.
 */
const PREFIX_BYTES = 6;

/** PW-8. Fewer entries mean a truncated file: the server refuses to start rather than accept every password. */
const MIN_ENTRIES = 50_000;

/** Beside this module. The bundle has a copy beside itself. */
const SHIPPED = new URL('./common-passwords.bin', import.meta.url);

let shipped: Blocklist | undefined;

/** The list that ships with the server, read on first use. Call it at the start to fail early. */
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

/** The bytes of the file: the sorted prefixes of the folded entries, nothing else. */
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
