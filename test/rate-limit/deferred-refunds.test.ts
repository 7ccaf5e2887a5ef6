import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { createDeferredRefunds } from '../../src/rate-limit/refunds.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { SILENT } from '../support/silent-log.ts';

let clock: FakeClock;
let isAway: boolean;
let stuck: readonly string[];
let refunded: string[];
let attempts: number;
let warnings: string[];

beforeEach(() => {
  vi.useFakeTimers();
  clock = createFakeClock();
  isAway = false;
  stuck = [];
  refunded = [];
  attempts = 0;
  warnings = [];
});
afterEach(() => vi.useRealTimers());

function createRefunds() {
  const warn = (_: object, message: string) => warnings.push(message);
  return createDeferredRefunds<string>({ clock, log: { ...SILENT, warn } }, async (refund) => {
    attempts += 1;
    if (isAway || stuck.includes(refund)) throw new Error('away');
    refunded.push(refund);
  });
}

async function pass(milliseconds: number): Promise<void> {
  clock.advance(milliseconds);
  await vi.advanceTimersByTimeAsync(milliseconds);
}

describe('a deferred refund', () => {
  test('is retried a second later, the oldest first', async () => {
    const refunds = createRefunds();
    for (const refund of ['first', 'second', 'third']) refunds.add(refund);
    expect(refunded).toEqual([]);
    await pass(SECOND);
    expect(refunded).toEqual(['first', 'second', 'third']);
    await pass(MINUTE);
    expect(attempts).toBe(3);
  });

  test('is retried while the database is away, three attempts a round, with pauses that grow to half a minute', async () => {
    const refunds = createRefunds();
    isAway = true;
    for (let n = 0; n < 100; n += 1) refunds.add(`refund ${n}`);
    await pass(5 * MINUTE);
    expect(attempts).toBeGreaterThan(3 * 10);
    expect(attempts).toBeLessThan(3 * 15);
    isAway = false;
    await pass(30 * SECOND);
    expect(refunded).toHaveLength(100);
  });

  test('is retried a second after it is deferred, once the refunds before it have succeeded', async () => {
    const refunds = createRefunds();
    isAway = true;
    refunds.add('first');
    await pass(MINUTE);
    isAway = false;
    await pass(MINUTE);
    refunds.add('second');
    await pass(SECOND);
    expect(refunded).toEqual(['first', 'second']);
  });

  test('a refund that fails delays no other refund', async () => {
    const refunds = createRefunds();
    stuck = ['first', 'second', 'third', 'fourth'];
    for (const refund of [...stuck, 'fifth', 'sixth']) refunds.add(refund);
    await pass(10 * SECOND);
    expect(refunded).toEqual(['fifth', 'sixth']);
    stuck = [];
    await pass(MINUTE);
    expect(refunded.toSorted()).toEqual(['fifth', 'first', 'fourth', 'second', 'sixth', 'third']);
  });

  test('RR-11: is made outside of the request that deferred it, whose time is used up', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const refunds = createDeferredRefunds<string>({ clock, log: SILENT }, async () => {
      seen.push(request.getStore());
    });
    request.run('a request', () => refunds.add('first'));
    await pass(SECOND);
    expect(seen).toEqual([undefined]);
  });

  test('the number of deferred refunds is limited while refunds fail, too', async () => {
    const refunds = createRefunds();
    isAway = true;
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 600; n += 1) refunds.add(`refund ${round} ${n}`);
      await pass(31 * SECOND);
    }
    isAway = false;
    await pass(31 * SECOND);
    expect(refunded).toHaveLength(1_000);
  });

  test('no further refund begins once the server stops', async () => {
    const refunding = Promise.withResolvers<void>();
    const begun: string[] = [];
    const refunds = createDeferredRefunds<string>({ clock, log: SILENT }, async (refund) => {
      begun.push(refund);
      await refunding.promise;
    });
    for (const refund of ['first', 'second']) refunds.add(refund);
    await pass(SECOND);
    refunds.stop();
    refunding.resolve();
    await pass(MINUTE);
    expect(begun).toEqual(['first']);
  });

  test('is dropped when the server stops', async () => {
    const refunds = createRefunds();
    refunds.add('first');
    refunds.stop();
    refunds.add('second');
    await pass(MINUTE);
    expect(attempts).toBe(0);
  });

  test('is dropped after a quarter of an hour', async () => {
    const refunds = createRefunds();
    isAway = true;
    refunds.add('old');
    await pass(14 * MINUTE);
    refunds.add('new');
    await pass(2 * MINUTE);
    isAway = false;
    await pass(30 * SECOND);
    expect(refunded).toEqual(['new']);
    expect(warnings).toContain('refund expired');
  });

  test('beyond a thousand the newest refunds are dropped', async () => {
    const refunds = createRefunds();
    for (let n = 0; n < 1_001; n += 1) refunds.add(`refund ${n}`);
    await pass(SECOND);
    expect(refunded).toHaveLength(1_000);
    expect(refunded).not.toContain('refund 1000');
  });
});
