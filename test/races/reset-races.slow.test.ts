import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';
import { raceOldPassword, raceResetToken } from './reset-races.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ durations: 'as-configured' });
});
afterAll(() => server.close());

test('SE-2: no sign-in with the old password survives the reset it races', async () => {
  const { broken } = await raceOldPassword(server, trialsOr(12));
  expect(broken).toBe(0);
});

test('PR-1: of 20 racers with one reset token one sets a password', async () => {
  const { broken } = await raceResetToken(server, trialsOr(3), 20);
  expect(broken).toBe(0);
});
