import { describe, expect, test } from 'vitest';
import { createPace } from '../../../src/proofs/password/pace.ts';

/** Tasks of 100 ms, two at once: twenty a second. */
function scene(milliseconds = 100) {
  let now = 1_000;
  const pace = createPace(2, () => now);
  for (let n = 0; n < 200; n += 1) pace.note(milliseconds);
  return {
    pace,
    pass: (time: number) => {
      now += time;
    },
  };
}

describe('RL-12 who is sent away', () => {
  test('is called back one after another, at the pace of the tasks', () => {
    const { pace } = scene();
    const told = Array.from({ length: 60 }, () => pace.comeBack(20));
    // The queue is done in a second; twenty come back in each of the next ones.
    expect(told.filter((seconds) => seconds === 2)).toHaveLength(20);
    expect(told.filter((seconds) => seconds === 3)).toHaveLength(20);
    expect(told).toEqual(told.toSorted());
  });

  test('is told no later second however many ask, and not all the same', () => {
    const { pace, pass } = scene();
    const told = Array.from({ length: 10_000 }, () => pace.comeBack(20));
    expect(Math.max(...told)).toBe(10);
    const share = (second: number) => told.filter((one) => one === second).length / told.length;
    for (let second = 2; second <= 10; second += 1) expect(share(second)).toBeCloseTo(1 / 9, 1);
    pass(60_000);
    expect(pace.comeBack(20)).toBe(1);
  });

  test('is spread as well where the queue is as long as it may be', () => {
    const { pace } = scene();
    const told = Array.from({ length: 100 }, () => pace.comeBack(pace.bearable()));
    expect(new Set(told).size).toBeGreaterThan(4);
  });

  test('comes back in a second at the earliest, and when nothing is known yet', () => {
    expect(createPace(2, () => 0).comeBack(1_000)).toBe(1);
    expect(scene(1).pace.comeBack(0)).toBe(1);
  });
});

describe('a queue', () => {
  test('is as long as those in it would bear, whatever a task takes', () => {
    expect(scene().pace.bearable()).toBe(100);
    expect(scene(1_000).pace.bearable()).toBe(10);
  });

  test('RL-12: is so from the first task on', () => {
    const pace = createPace(2, () => 0);
    pace.note(1_000);
    expect(pace.bearable()).toBe(10);
  });

  test('has no such bound before anything is known', () => {
    expect(createPace(2, () => 0).bearable()).toBe(Number.POSITIVE_INFINITY);
  });
});
