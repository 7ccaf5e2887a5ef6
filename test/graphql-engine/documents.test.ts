import { expect, test } from 'vitest';
import { createDocumentCache } from '../../src/graphql-engine/documents.ts';

/** A cache with room for ten texts of ten characters. */
function scene() {
  const cache = createDocumentCache<string>(100);
  const text = (n: number) => `text ${n}`.padEnd(10);
  const put = (n: number) => cache.set(text(n), `value ${n}`);
  const held = (from: number, to: number) => {
    const found = [];
    for (let n = from; n <= to; n += 1) if (cache.get(text(n)) !== undefined) found.push(n);
    return found;
  };
  return { cache, text, put, held };
}

test('GQ-13: the cache stays within its limit of characters, however many documents arrive', () => {
  const { put, held } = scene();
  for (let n = 1; n <= 1_000; n += 1) put(n);
  expect(held(1, 1_000)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
});

test('an entry that is read stays, however many new documents arrive', () => {
  const { cache, text, put } = scene();
  for (const n of [1, 2]) put(n);
  for (let n = 3; n <= 1_000; n += 1) {
    put(n);
    expect(cache.get(text(1))).toBe('value 1');
    expect(cache.get(text(2))).toBe('value 2');
  }
});

test('an entry that was read once is evicted the second time that room is needed', () => {
  const { cache, text, put, held } = scene();
  for (let n = 1; n <= 10; n += 1) put(n);
  cache.get(text(1));
  put(11);
  for (let n = 12; n <= 20; n += 1) put(n);
  expect(held(1, 10)).toEqual([1]);
  for (let n = 21; n <= 60; n += 1) put(n);
  expect(held(1, 1)).toEqual([]);
});

test('a new entry stays even if every other entry was read', () => {
  const { cache, text, put, held } = scene();
  for (let n = 1; n <= 10; n += 1) put(n);
  expect(held(1, 10)).toHaveLength(10);
  put(11);
  expect(cache.get(text(11))).toBe('value 11');
  expect(held(1, 11)).toHaveLength(10);
});

test('a text has one entry, with its newest value; a text larger than the cache is evicted with the next', () => {
  const { cache, text, put, held } = scene();
  for (let n = 1; n <= 10; n += 1) put(n);
  cache.set(text(3), 'another');
  expect(cache.get(text(3))).toBe('another');
  expect(held(1, 10)).toHaveLength(10);
  cache.set('x'.repeat(101), 'too large');
  expect(held(1, 10)).toEqual([]);
  put(11);
  put(12);
  expect(cache.get('x'.repeat(101))).toBeUndefined();
  expect(held(11, 12)).toEqual([11, 12]);
});
