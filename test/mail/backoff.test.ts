import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { pauseAfterOutage, pauseAfterRefusal } from '../../src/mail/backoff.ts';
import { MAX_ATTEMPTS } from '../../src/mail/deliver.ts';

const fixed = (byte: number) => ({ bytes: (length: number) => Buffer.alloc(length, byte) });
const longest = fixed(0xff);
const shortest = fixed(0);

describe('pauseAfterRefusal', () => {
  test.each([
    [1, 0, 2 * SECOND],
    [2, 2 * SECOND, 4 * SECOND],
    [4, 20 * SECOND, 16 * SECOND],
    // F-10: within its first minutes a mail is never further than 20 s from its next attempt.
    [5, 40 * SECOND, 20 * SECOND],
    [12, 3 * MINUTE, 20 * SECOND],
    // Later it waits a tenth of its age,
    [30, 30 * MINUTE, 3 * MINUTE],
    [60, 5 * HOUR, 30 * MINUTE],
    // an hour at most.
    [80, DAY, HOUR],
    [99, 3 * DAY, HOUR],
  ])('after attempt %i at the age of %i ms is %i ms', (attempts, age, pause) => {
    expect(pauseAfterRefusal(longest, { attempts, age })).toBeCloseTo(pause, -1);
    expect(pauseAfterRefusal(shortest, { attempts, age })).toBe(pause / 2);
  });

  test('gives up a mail that is always refused after more than a day, not sooner', () => {
    let age = 0;
    for (let attempts = 1; attempts < MAX_ATTEMPTS; attempts += 1) {
      age += pauseAfterRefusal({ bytes: randomBytes }, { attempts, age });
    }
    expect(age).toBeGreaterThan(DAY);
  });
});

describe('pauseAfterOutage', () => {
  test.each([
    [1, 2 * SECOND],
    [3, 8 * SECOND],
    [5, 20 * SECOND],
    [500, 20 * SECOND],
  ])('number %i is %i ms', (outages, pause) => {
    expect(pauseAfterOutage(longest, outages)).toBeCloseTo(pause, -1);
    expect(pauseAfterOutage(shortest, outages)).toBe(pause / 2);
  });
});
