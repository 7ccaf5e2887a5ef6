import { describe, expect, test } from 'vitest';
import { createRetryAfter } from '../../src/hash-queue/retry-after.ts';

/** Tasks of 100 ms, two at once: twenty a second. */
function scene(milliseconds = 100) {
  let now = 1_000;
  const retryAfter = createRetryAfter(2, () => now);
  for (let n = 0; n < 200; n += 1) retryAfter.recordDuration(milliseconds);
  return {
    retryAfter,
    pass: (time: number) => {
      now += time;
    },
  };
}

describe('RL-12: a client that is refused', () => {
  test('gets retryAfter values one after another, as fast as the tasks run', () => {
    const { retryAfter } = scene();
    const seconds = Array.from({ length: 60 }, () => retryAfter.seconds(20));
    // The queue is done in a second; twenty come back in each of the next ones.
    expect(seconds.filter((seconds) => seconds === 2)).toHaveLength(20);
    expect(seconds.filter((seconds) => seconds === 3)).toHaveLength(20);
    expect(seconds).toEqual(seconds.toSorted());
  });

  test('gets at most ten seconds however many are refused, and not all the same second', () => {
    const { retryAfter, pass } = scene();
    const seconds = Array.from({ length: 10_000 }, () => retryAfter.seconds(20));
    expect(Math.max(...seconds)).toBe(10);
    const share = (second: number) =>
      seconds.filter((one) => one === second).length / seconds.length;
    for (let second = 2; second <= 10; second += 1) expect(share(second)).toBeCloseTo(1 / 9, 1);
    pass(60_000);
    expect(retryAfter.seconds(20)).toBe(1);
  });

  test('is spread over several seconds when the queue is at its longest', () => {
    const { retryAfter } = scene();
    const seconds = Array.from({ length: 100 }, () =>
      retryAfter.seconds(retryAfter.longestQueue()),
    );
    expect(new Set(seconds).size).toBeGreaterThan(4);
  });

  test('gets one second at the least, and when no task has finished yet', () => {
    expect(createRetryAfter(2, () => 0).seconds(1_000)).toBe(1);
    expect(scene(1).retryAfter.seconds(0)).toBe(1);
  });
});

describe('a queue', () => {
  test('is as long as its last task begins in time, whatever a task takes', () => {
    expect(scene().retryAfter.longestQueue()).toBe(100);
    expect(scene(1_000).retryAfter.longestQueue()).toBe(10);
  });

  test('RL-12: is limited from the first task on', () => {
    const retryAfter = createRetryAfter(2, () => 0);
    retryAfter.recordDuration(1_000);
    expect(retryAfter.longestQueue()).toBe(10);
  });

  test('has no such limit before a task has finished', () => {
    expect(createRetryAfter(2, () => 0).longestQueue()).toBe(Number.POSITIVE_INFINITY);
  });
});
