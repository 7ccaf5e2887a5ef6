import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogOutput } from '../src/observability/log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const writes: string[] = [];
  const log = pino(
    { base: null, timestamp: false },
    createLogOutput({ write: (text) => void writes.push(text) }),
  );
  return {
    log,
    writes,
    lines: () =>
      writes
        .join('')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
  };
}

test('lines about responses are written together, after 50 ms at the latest', () => {
  const { log, writes, lines } = setUp();
  log.info('one');
  log.info('two');
  vi.advanceTimersByTime(49);
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(writes).toHaveLength(1);
  expect(lines()).toEqual(['one', 'two']);
  log.info('three');
  vi.advanceTimersByTime(50);
  expect(lines()).toEqual(['one', 'two', 'three']);
});

test('a warning and an error are written at once, with all that came before them, in order', () => {
  const { log, writes, lines } = setUp();
  log.info('one');
  log.warn('two');
  expect(lines()).toEqual(['one', 'two']);
  log.error('three');
  expect(lines()).toEqual(['one', 'two', 'three']);
  vi.advanceTimersByTime(1000);
  expect(writes).toHaveLength(2);
});

test('LO-3: no write is longer than a pipe keeps together, unless a single line is', () => {
  const { log, writes, lines } = setUp();
  const texts = Array.from({ length: 200 }, (_, at) => 'ä'.repeat((at * 37) % 700));
  texts.splice(50, 0, 'x'.repeat(9_000));
  for (const text of texts) log.info(text);
  log.warn('the end');
  for (const text of writes) {
    const isOneLine = text.indexOf('\n') === text.length - 1;
    if (!isOneLine) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(text.endsWith('\n')).toBe(true);
  }
  expect(writes.some((text) => text.length > 9_000)).toBe(true);
  expect(lines()).toEqual([...texts, 'the end']);
});

test('a full page does not wait', () => {
  const { log, writes } = setUp();
  for (let line = 0; line < 100; line += 1) log.info('x'.repeat(100));
  const written = writes.join('').length;
  expect(written).toBeGreaterThan(100 * 100 - 4096);
  expect(writes.length).toBeLessThan(4);
});
