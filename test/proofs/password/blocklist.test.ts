import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import {
  encodeBlocklist,
  loadBlocklist,
  shippedBlocklist,
} from '../../../src/proofs/password/blocklist.ts';

const folder = mkdtempSync(join(tmpdir(), 'blocklist-'));
afterAll(() => rmSync(folder, { recursive: true }));
const store = (bytes: Buffer) => {
  const file = join(folder, 'list.bin');
  writeFileSync(file, bytes);
  return pathToFileURL(file);
};

test('PW-8 ships at least 50 000 entries, long ones among them', () => {
  expect(shippedBlocklist().size).toBeGreaterThan(470_000);
  const listed = ['password', '1qaz2wsx', 'trustno1', 'passwordpassword', '1234567890qwerty'];
  expect(listed.filter((entry) => !shippedBlocklist().has(entry))).toEqual([]);
});

test('takes no innocent password for a listed one', () => {
  const list = shippedBlocklist();
  const hits = Array.from({ length: 100_000 }, (_, i) => `innocent ${i}`).filter(list.has);
  expect(hits).toEqual([]);
});

test('finds every entry of the file it was made from, the first and the last too', () => {
  const entries = Array.from({ length: 60_001 }, (_, i) => `entry ${i}`);
  const list = loadBlocklist(store(encodeBlocklist(entries)));
  expect(list.size).toBe(60_001);
  expect(entries.filter((entry) => !list.has(entry))).toEqual([]);
  expect(list.has('entry 60001')).toBe(false);
});

test('is the same file whatever the order of the entries', () => {
  const entries = Array.from({ length: 1000 }, (_, i) => `entry ${i}`);
  expect(encodeBlocklist(entries.toReversed())).toEqual(encodeBlocklist(entries));
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['short', Buffer.alloc(6 * 49_999)],
  ['cut off', Buffer.alloc(6 * 60_000 - 1)],
])('refuses a file that is %s', (_, bytes) => {
  expect(() => loadBlocklist(store(bytes))).toThrow('incomplete');
});

test('refuses to do without a file', () => {
  expect(() => loadBlocklist(pathToFileURL(join(folder, 'absent.bin')))).toThrow('ENOENT');
});
