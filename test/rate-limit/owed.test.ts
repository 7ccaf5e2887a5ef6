import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { createDeferredRefunds } from '../../src/rate-limit/deferred-refunds.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { SILENT } from '../support/silent-log.ts';

let clock: FakeClock;
let isAway: boolean;
let stuck: readonly string[];
let paid: string[];
let asked: number;
let warnings: string[];

beforeEach(() => {
  vi.useFakeTimers();
  clock = createFakeClock();
  isAway = false;
  stuck = [];
  paid = [];
  asked = 0;
  warnings = [];
});
afterEach(() => vi.useRealTimers());

function createTab() {
  const warn = (_: object, message: string) => warnings.push(message);
  return createDeferredRefunds<string>({ clock, log: { ...SILENT, warn } }, async (debt) => {
    asked += 1;
    if (isAway || stuck.includes(debt)) throw new Error('away');
    paid.push(debt);
  });
}

async function pass(milliseconds: number): Promise<void> {
  clock.advance(milliseconds);
  await vi.advanceTimersByTimeAsync(milliseconds);
}

describe('what could not be given back', () => {
  test('is given back a second later, the oldest first', async () => {
    const owed = createTab();
    for (const debt of ['first', 'second', 'third']) owed.add(debt);
    expect(paid).toEqual([]);
    await pass(SECOND);
    expect(paid).toEqual(['first', 'second', 'third']);
    await pass(MINUTE);
    expect(asked).toBe(3);
  });

  test('waits while the database is away, with three calls a pause that grows to half a minute', async () => {
    const owed = createTab();
    isAway = true;
    for (let n = 0; n < 100; n += 1) owed.add(`debt ${n}`);
    await pass(5 * MINUTE);
    expect(asked).toBeGreaterThan(3 * 10);
    expect(asked).toBeLessThan(3 * 15);
    isAway = false;
    await pass(30 * SECOND);
    expect(paid).toHaveLength(100);
  });

  test('is tried anew a second after it is owed, once the last ones are paid', async () => {
    const owed = createTab();
    isAway = true;
    owed.add('first');
    await pass(MINUTE);
    isAway = false;
    await pass(MINUTE);
    owed.add('second');
    await pass(SECOND);
    expect(paid).toEqual(['first', 'second']);
  });

  test('what cannot be paid holds nothing else up', async () => {
    const owed = createTab();
    stuck = ['first', 'second', 'third', 'fourth'];
    for (const debt of [...stuck, 'fifth', 'sixth']) owed.add(debt);
    await pass(10 * SECOND);
    expect(paid).toEqual(['fifth', 'sixth']);
    stuck = [];
    await pass(MINUTE);
    expect(paid.toSorted()).toEqual(['fifth', 'first', 'fourth', 'second', 'sixth', 'third']);
  });

  test('RR-11: is paid outside of the request that left it, whose time is used up', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const owed = createDeferredRefunds<string>({ clock, log: SILENT }, async () => {
      seen.push(request.getStore());
    });
    request.run('a request', () => owed.add('first'));
    await pass(SECOND);
    expect(seen).toEqual([undefined]);
  });

  test('is bounded while payments fail, too', async () => {
    const owed = createTab();
    isAway = true;
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 600; n += 1) owed.add(`debt ${round} ${n}`);
      await pass(31 * SECOND);
    }
    isAway = false;
    await pass(31 * SECOND);
    expect(paid).toHaveLength(1_000);
  });

  test('goes no further once the server stops', async () => {
    const paying = Promise.withResolvers<void>();
    const begun: string[] = [];
    const owed = createDeferredRefunds<string>({ clock, log: SILENT }, async (debt) => {
      begun.push(debt);
      await paying.promise;
    });
    for (const debt of ['first', 'second']) owed.add(debt);
    await pass(SECOND);
    owed.stop();
    paying.resolve();
    await pass(MINUTE);
    expect(begun).toEqual(['first']);
  });

  test('is forgotten when the server stops', async () => {
    const owed = createTab();
    owed.add('first');
    owed.stop();
    owed.add('second');
    await pass(MINUTE);
    expect(asked).toBe(0);
  });

  test('stays counted after a quarter of an hour', async () => {
    const owed = createTab();
    isAway = true;
    owed.add('old');
    await pass(14 * MINUTE);
    owed.add('new');
    await pass(2 * MINUTE);
    isAway = false;
    await pass(30 * SECOND);
    expect(paid).toEqual(['new']);
    expect(warnings).toContain('refund expired');
  });

  test('is bounded: beyond a thousand the newest stay counted', async () => {
    const owed = createTab();
    for (let n = 0; n < 1_001; n += 1) owed.add(`debt ${n}`);
    await pass(SECOND);
    expect(paid).toHaveLength(1_000);
    expect(paid).not.toContain('debt 1000');
  });
});
