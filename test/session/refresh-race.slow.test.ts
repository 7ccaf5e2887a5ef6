import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { refresh, signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';
import { sessionRow } from './rows.ts';

const TRIALS = trialsOr(40);
const TABS = 20;

const test = testWithServer({ env: { DATABASE_POOL_SIZE: '20' } });

describe('RR-3, RR-5: parallel tabs', () => {
  test(`${TRIALS} × ${TABS} parallel refreshes with one token give one live successor`, async ({
    server,
  }) => {
    const person = await signUp(server);
    let current = person.refreshToken;
    let single = 0;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const answers = await Promise.all(
        Array.from({ length: TABS }, () => refresh(server, current)),
      );
      expect(answers.map((answer) => answer.__typename)).toEqual(Array(TABS).fill('SignedIn'));
      const successors = new Set(answers.map((answer) => answer.refreshToken));
      if (successors.size === 1 && !successors.has(current)) single += 1;
      current = answers[0]?.refreshToken ?? '';
    }
    expect(single).toBe(TRIALS);
  }, 120_000);
});

test('RR-5, F-7: a rotation that the database ran late can be replayed for a whole window from then', async () => {
  let lag = 0;
  const clock = { isOfDatabase: true, now: () => new Date(Date.now() - lag) };
  const late = await startTestServer({ clock });
  const person = await signUp(late);
  // Requested 40 s ago and run only now, as by a database that was frozen meanwhile.
  lag = 40_000;
  const unheard = await refresh(late, person.refreshToken);
  lag = 0;
  const again = await refresh(late, person.refreshToken);
  expect(again.refreshToken).toBe(unheard.refreshToken);
  expect((await refresh(late, again.refreshToken)).__typename).toBe('SignedIn');
  await late.close();
});

describe('RR-5, RR-7: replay', () => {
  const clock = createFakeClock();
  let timed: TestServer;
  beforeAll(async () => {
    timed = await startTestServer({ clock });
  });
  afterAll(() => timed.close());

  test('within the window the spent token gets the same successor again', async () => {
    const person = await signUp(timed);
    const first = await refresh(timed, person.refreshToken);
    clock.advance(29_000);
    const again = await refresh(timed, person.refreshToken);
    expect(again.refreshToken).toBe(first.refreshToken);
  });

  test('after the window the spent token ends its session, committed, and no other', async () => {
    const person = await signUp(timed);
    const otherDevice = await signIn(timed, person);
    const first = await refresh(timed, person.refreshToken);
    clock.advance(31_000);
    const reused = await refresh(timed, person.refreshToken);
    expect(reused.__typename).toBe('InvalidTokenError');
    expect(await sessionRow(timed, person.sessionId)).toMatchObject({
      revokedBecause: 'refresh-token-reused',
    });
    expect((await refresh(timed, first.refreshToken)).__typename).toBe('InvalidTokenError');
    expect((await refresh(timed, otherDevice.refreshToken)).__typename).toBe('SignedIn');
  });

  test('a token from two rotations ago proves reuse even within the window', async () => {
    const person = await signUp(timed);
    const child = await refresh(timed, person.refreshToken);
    const grandchild = await refresh(timed, child.refreshToken);
    expect((await refresh(timed, person.refreshToken)).__typename).toBe('InvalidTokenError');
    expect((await refresh(timed, grandchild.refreshToken)).__typename).toBe('InvalidTokenError');
  });

  test('RR-8: a forged token with the id of a live session ends no session', async () => {
    const person = await signUp(timed);
    const genuine = Buffer.from(person.refreshToken.slice('lkr_'.length), 'base64url');
    for (const at of [16, 40, 63]) {
      const forged = Buffer.from(genuine);
      forged.writeUInt8(forged.readUInt8(at) ^ 1, at);
      const answer = await refresh(timed, `lkr_${forged.toString('base64url')}`);
      expect(answer.__typename).toBe('InvalidTokenError');
    }
    expect((await refresh(timed, person.refreshToken)).__typename).toBe('SignedIn');
  });

  test('RR-2: an unused token expires on day 7, and the whole family on day 30', async () => {
    const DAY = 86_400_000;
    const idle = await signUp(timed);
    const busy = await signUp(timed);
    let token = busy.refreshToken;
    for (let day = 6; day < 30; day += 6) {
      clock.advance(6 * DAY);
      const answer = await refresh(timed, token);
      expect(answer.__typename).toBe('SignedIn');
      token = answer.refreshToken;
    }
    expect((await refresh(timed, idle.refreshToken)).__typename).toBe('InvalidTokenError');
    clock.advance(6 * DAY + 1);
    expect((await refresh(timed, token)).__typename).toBe('InvalidTokenError');
  });
});

test('RR-4: a logout and a refresh at once leave no token valid', async ({ server }) => {
  const logout = 'mutation { logout { __typename } }';
  let survivors = 0;
  const person = await signUp(server);
  for (let trial = 0; trial < trialsOr(25); trial += 1) {
    const session = await signIn(server, person);
    const [, answer] = await Promise.all([
      server.graphql(logout, undefined, { token: session.accessToken }),
      refresh(server, session.refreshToken),
    ]);
    const tokens = [session.refreshToken, answer.refreshToken].filter((one) => one !== undefined);
    for (const token of tokens) {
      if ((await refresh(server, token)).__typename === 'SignedIn') survivors += 1;
    }
  }
  expect(survivors).toBe(0);
});

test('SE-5: the 51st session ends the oldest', async ({ server }) => {
  const person = await signUp(server);
  const sessions = [person];
  for (let count = 1; count < 51; count += 1) sessions.push(await signIn(server, person));
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  expect(await sessionRow(server, person.sessionId)).toMatchObject({
    revokedBecause: 'too-many-sessions',
  });
  const second = sessions[1]?.refreshToken ?? '';
  expect((await refresh(server, second)).__typename).toBe('SignedIn');
}, 30_000);
