import { expect } from 'vitest';
import { HOUR } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { refresh, signIn, signUp } from '../support/journeys.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

test('SE-5, F-13: after the clock was set back, the 51st session ends an older session and not itself', async ({
  server,
}) => {
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
