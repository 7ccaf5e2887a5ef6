import { expect, test } from 'vitest';
import { createRandom } from '../../src/kernel/random.ts';

/** A source that counts: its first 65,536 pairs of bytes all differ. */
function countingSource() {
  let next = 0;
  const blocks: Buffer[] = [];
  const fetch = (length: number) => {
    const block = Buffer.alloc(length);
    for (let at = 0; at + 2 <= length; at += 2) block.writeUInt16BE(next++ % 65_536, at);
    blocks.push(block);
    return block;
  };
  return { fetch, blocks };
}

test('returns each byte of a block once, across blocks and sizes', () => {
  const { fetch, blocks } = countingSource();
  const random = createRandom(fetch);
  const pairs = new Set<number>();
  for (let turn = 0; turn < 3_000; turn += 1) {
    const length = [16, 12, 32, 64][turn % 4] ?? 16;
    const bytes = random.bytes(length);
    expect(bytes).toHaveLength(length);
    for (let at = 0; at < length; at += 2) pairs.add(bytes.readUInt16BE(at));
  }
  expect(pairs.size).toBe((3_000 / 4) * ((16 + 12 + 32 + 64) / 2));
  expect(blocks.length).toBeLessThan(30);
});

test('keeps nothing of what it returned, and returned bytes do not change', () => {
  const { fetch, blocks } = countingSource();
  const random = createRandom(fetch);
  random.bytes(16);
  const bytes = random.bytes(16);
  const copy = Buffer.from(bytes);
  expect(blocks[0]?.subarray(0, 32).every((byte) => byte === 0)).toBe(true);
  expect(blocks[0]?.subarray(32).some((byte) => byte !== 0)).toBe(true);
  for (let turn = 0; turn < 1_000; turn += 1) random.bytes(16);
  expect(bytes).toEqual(copy);
});

test('fetches larger amounts directly', () => {
  const { fetch, blocks } = countingSource();
  const random = createRandom(fetch);
  expect(random.bytes(65)).toBe(blocks[0]);
  expect(random.bytes(5_000)).toHaveLength(5_000);
});
