import { expect, onTestFinished, test } from 'vitest';
import { openWire } from '../faults/kit/wire.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startTestServer } from '../support/server.ts';

/** The delay in each direction: a round trip to the database takes twice that, which is within every limit. */
const SLOW = 750;

test('F-7, F-21, RR-11: a sign-in whose database is slow before the hash and frozen after it ends within 3 s', async () => {
  const database = await createTestDatabase('direct');
  const wire = await openWire(database.url);
  const server = await startTestServer({
    database: { url: wire.url, drop: async () => undefined },
    // One connection: after the first sign-in it has prepared all statements.
    env: { DATABASE_POOL_SIZE: '1' },
  });
  onTestFinished(async () => {
    await wire.close();
    await server.close();
    await database.drop();
  });
  const { email } = await signUp(server);
  const login = () => server.graphql(LOGIN, { input: { email, password: PASSWORD } });
  expect((await login()).data.login.__typename).toBe('SignedIn');

  let frozen = false;
  wire.mode = { kind: 'delay', milliseconds: SLOW };
  wire.watch(({ side, statement }) => {
    frozen ||= side === 'before' && statement === 'begin';
    return frozen;
  });
  const asked = performance.now();
  const answer = await login();
  const took = performance.now() - asked;
  expect(frozen).toBe(true);
  expect(answer).toMatchObject({
    status: 503,
    errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
  });
  expect(took).toBeGreaterThan(2 * SLOW);
  expect(took).toBeLessThan(3_000);

  wire.watch(null);
  wire.mode = { kind: 'pass' };
  expect((await login()).data.login.__typename).toBe('SignedIn');
});
