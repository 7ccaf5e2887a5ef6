import { expect, test } from 'vitest';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { createConcurrencyLimits } from '../../src/rate-limit/concurrency.ts';

const ONE = [{ key: 'somebody', most: 1 }];

test('RR-11: when the database is away, all attempts that wait are refused at once, not one after the other', async () => {
  const concurrency = createConcurrencyLimits();
  const away = new ServiceUnavailableError();
  const started: string[] = [];
  const ahead = Promise.withResolvers<void>();
  const first = concurrency.run(ONE, undefined, () => ahead.promise);
  const waiting = ['a', 'b', 'c'].map((who) =>
    concurrency.run(ONE, undefined, async () => void started.push(who)),
  );
  const outcomes = Promise.allSettled([first, ...waiting]);
  ahead.reject(away);
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(Array(4).fill('rejected'));
  expect(started).toEqual([]);
  // Later attempts run again.
  await concurrency.run(ONE, undefined, async () => void started.push('later'));
  expect(started).toEqual(['later']);
});

test('after any other failure the next attempt runs', async () => {
  const concurrency = createConcurrencyLimits();
  const ahead = Promise.withResolvers<void>();
  const first = concurrency.run(ONE, undefined, () => ahead.promise);
  const second = concurrency.run(ONE, undefined, async () => 'went on');
  ahead.reject(new Error('wrong password'));
  await expect(first).rejects.toThrow('wrong password');
  expect(await second).toBe('went on');
});

test('GQ-14: an attempt that is aborted while it waits does not hold up the others', async () => {
  const concurrency = createConcurrencyLimits();
  const ahead = Promise.withResolvers<void>();
  const first = concurrency.run(ONE, undefined, () => ahead.promise);
  const late = new AbortController();
  const second = concurrency.run(ONE, late.signal, async () => 'second');
  const third = concurrency.run(ONE, undefined, async () => 'third');
  late.abort(new ServiceUnavailableError());
  await expect(second).rejects.toBe(late.signal.reason);
  ahead.resolve();
  await first;
  expect(await third).toBe('third');
});
