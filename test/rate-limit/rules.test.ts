import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { countAttempt } from '../../src/rate-limit/store.ts';
import { testWithServer } from '../support/fixture.ts';

const test = testWithServer();

test('RL-6: rules of one name and different allowances each keep their own', async ({ server }) => {
  const { db, clock } = server.app.deps;
  const outcomes = async (tries: number) => {
    const limit = {
      key: randomBytes(32),
      member: null,
      rule: { name: 'one name', allowance: tries, period: 60_000 },
    };
    const found = [];
    for (let attempt = 0; attempt < 4; attempt += 1)
      for (const { outcome } of await run(db, countAttempt([limit], clock.now())))
        found.push(outcome);
    return found.filter((outcome) => outcome === 'refused').length;
  };
  expect(await outcomes(2)).toBe(2);
  expect(await outcomes(3)).toBe(1);
});
