import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { refresh, signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const clock = createFakeClock();
beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server.close());

test('SE-5, F-13: after the clock was set back, the 51st session ends an older session and not itself', async () => {
  const person = await signUp(server);
  for (let count = 1; count < 50; count += 1) {
    clock.advance(1_000);
    await signIn(server, person);
  }
  clock.advance(-HOUR);
  const newest = await signIn(server, person);
  expect((await refresh(server, newest.refreshToken)).__typename).toBe('SignedIn');
  clock.advance(HOUR);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
});
