import { expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import { trialsOr } from '../support/trials.ts';
import { raceOldPassword, raceResetToken } from './reset-races.ts';

const test = testWithServer({ durations: 'as-configured' });

test('SE-2: no sign-in with the old password survives the reset it races', async ({ server }) => {
  const { broken } = await raceOldPassword(server, trialsOr(12));
  expect(broken).toBe(0);
});

test('PR-1: of 20 racers with one reset token one sets a password', async ({ server }) => {
  const { broken } = await raceResetToken(server, trialsOr(3), 20);
  expect(broken).toBe(0);
});
