import { describe, expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import {
  areaUnderCurve,
  type Comparison,
  compareDurations,
  permutationP,
  slowedDown,
} from '../support/timing.ts';
import { loginWithHistory, timingTrials } from './timing-trials.ts';

/**
 * Enough to see a hash or a row that one of the two does without, on a machine that runs other
 * tests besides. `node test/races/run.ts` has the number that shows a millisecond, and its control.
 */
const PAIRS = 20;
const PATIENCE = 60_000;

let trials: Awaited<ReturnType<typeof timingTrials>>;
const test = testWithServer({ durations: 'as-configured' });
test.beforeAll(async ({ server }) => {
  trials = await timingTrials(server, PAIRS);
});

/** LG-2: two of three runs must not tell the two apart; a busy machine may spoil one. */
async function runsThatTellNothing(compare: () => Promise<Comparison>): Promise<number> {
  let silent = 0;
  for (let run = 0; run < 3 && silent < 2; run += 1) {
    if ((await compare()).p >= 0.01) silent += 1;
  }
  return silent;
}

test(
  'LG-2: a refused login takes as long for a known address as for an unknown one',
  async () => {
    expect(await runsThatTellNothing(trials.login)).toBe(2);
  },
  PATIENCE,
);

test(
  'LG-5: so does asking for a reset',
  async () => {
    expect(await runsThatTellNothing(trials.requestPasswordReset)).toBe(2);
  },
  PATIENCE,
);

test(
  'LG-2: a refused login reveals nothing about 10,000 events that the account has stored',
  async ({ server }) => {
    const compare = await loginWithHistory(server, { events: 10_000, pairs: 12 });
    expect(await runsThatTellNothing(compare)).toBe(2);
  },
  PATIENCE,
);

test('LG-2: the comparison notices one millisecond', async () => {
  const work = slowedDown(async () => undefined, 2);
  const { auc, p } = await compareDurations(
    { one: work, other: slowedDown(work, 1) },
    { pairs: 100 },
  );
  expect(p).toBeLessThan(0.01);
  expect(auc).toBeLessThan(0.3);
});

describe('areaUnderCurve', () => {
  test('is 1, 0 or a half for values all above, all below or all equal', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
    expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
    expect(areaUnderCurve([1, 1, 1], [1, 1])).toBe(0.5);
  });

  test('and its permutation test is sure of a difference, and of none', () => {
    const values = Array.from({ length: 50 }, (_, index) => index);
    expect(permutationP(values, values)).toBe(1);
    expect(
      permutationP(
        values,
        values.map((value) => value + 40),
      ),
    ).toBeLessThan(0.01);
  });
});
