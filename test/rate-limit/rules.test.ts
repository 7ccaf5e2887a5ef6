import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { countAttempt } from '../../src/rate-limit/store.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('RL-6: rules of one name and different allowances each keep their own', async () => {
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
