import { expect, test } from 'vitest';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { createConcurrencyLimits } from '../../src/rate-limit/concurrency.ts';

const LINE = [{ key: 'somebody', width: 1 }];

test('RR-11: a line behind a database that is away is told so at once, not one after the other', async () => {
  const lanes = createConcurrencyLimits();
  const away = new ServiceUnavailableError();
  const started: string[] = [];
  const ahead = Promise.withResolvers<void>();
  const first = lanes.run(LINE, undefined, () => ahead.promise);
  const waiting = ['a', 'b', 'c'].map((who) =>
    lanes.run(LINE, undefined, async () => void started.push(who)),
  );
  const outcomes = Promise.allSettled([first, ...waiting]);
  ahead.reject(away);
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(Array(4).fill('rejected'));
  expect(started).toEqual([]);
  // The line is open again for who comes later.
  await lanes.run(LINE, undefined, async () => void started.push('later'));
  expect(started).toEqual(['later']);
});

test('any other failure lets the line go on', async () => {
  const lanes = createConcurrencyLimits();
  const ahead = Promise.withResolvers<void>();
  const first = lanes.run(LINE, undefined, () => ahead.promise);
  const second = lanes.run(LINE, undefined, async () => 'went on');
  ahead.reject(new Error('wrong password'));
  await expect(first).rejects.toThrow('wrong password');
  expect(await second).toBe('went on');
});

test('GQ-14: who gave up waiting in time leaves the line as it was', async () => {
  const lanes = createConcurrencyLimits();
  const ahead = Promise.withResolvers<void>();
  const first = lanes.run(LINE, undefined, () => ahead.promise);
  const late = new AbortController();
  const second = lanes.run(LINE, late.signal, async () => 'second');
  const third = lanes.run(LINE, undefined, async () => 'third');
  late.abort(new ServiceUnavailableError());
  await expect(second).rejects.toBe(late.signal.reason);
  ahead.resolve();
  await first;
  expect(await third).toBe('third');
});
