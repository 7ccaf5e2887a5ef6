import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { DAY } from '../../../src/kernel/duration.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signUp } from '../../support/journeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import {
  callAs,
  challengeOf,
  enrollTotp,
  MFA,
  mailCount,
  signInWithTotp,
  totpCode,
  verify,
  wrongCode,
} from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

async function person(server: TestServer) {
  const enrolled = await enrollTotp(server, await signUp(server));
  clock.advance(30_000);
  return enrolled;
}

const right = (secret: string) => totpCode(secret, clock.now());
const wrong = (secret: string) => wrongCode(secret, clock.now());
const bumped = (server: TestServer, userId: string) =>
  queryDatabase(
    server.app.deps.db,
    sql`update users set credential_version = credential_version + 1 where id = ${userId}`,
  );

test('MF-1, MF-2: a challenge is neither a bearer token nor a refresh token', async ({
  server,
}) => {
  const { challengeToken } = await challengeOf(server, await person(server));
  const { data } = await server.graphql(MFA.viewer, undefined, { token: challengeToken });
  expect(data.viewer).toBeNull();
  const refreshed = await server.graphql(
    'mutation ($input: RefreshTokenInput) { refreshToken(input: $input) { __typename } }',
    { input: { refreshToken: challengeToken } },
  );
  expect(refreshed.data.refreshToken.__typename).toBe('InvalidTokenError');
});

test('MF-2: a challenge ends after five minutes, and with a change of the credentials', async ({
  server,
}) => {
  const ada = await person(server);
  const first = await challengeOf(server, ada);
  await bumped(server, ada.userId);
  const refused = { __typename: 'ChallengeExpiredError' };
  expect(await verify(server, first.challengeToken, 'TOTP', right(ada.secret))).toMatchObject(
    refused,
  );
  const second = await challengeOf(server, ada);
  clock.advance(300_000);
  expect(await verify(server, second.challengeToken, 'TOTP', right(ada.secret))).toMatchObject(
    refused,
  );
  expect(await verify(server, 'lkc_never-issued', 'TOTP', '123456')).toMatchObject(refused);
  await signInWithTotp(server, ada);
});

test('MF-2: one person’s challenge rejects another person’s code', async ({ server }) => {
  const [ada, bob] = [await person(server), await person(server)];
  const { challengeToken } = await challengeOf(server, ada);
  expect(await verify(server, challengeToken, 'TOTP', right(bob.secret))).toMatchObject({
    __typename: 'InvalidCodeError',
  });
});

test('MF-4: a challenge allows five attempts over all methods, then rejects even the right code', async ({
  server,
}) => {
  const ada = await person(server);
  const { challengeToken } = await challengeOf(server, ada);
  const tries = [
    ['TOTP', wrong(ada.secret)],
    ['EMAIL', '12345678'],
    ['BACKUP_CODE', '0000-0000-0000'],
    ['TOTP', wrong(ada.secret)],
    ['EMAIL', '12345678'],
  ] as const;
  const left: unknown[] = [];
  for (const [method, code] of tries) {
    left.push((await verify(server, challengeToken, method, code)).attemptsRemaining);
  }
  expect(left).toEqual([4, 3, 2, 1, 0]);
  expect(await verify(server, challengeToken, 'TOTP', right(ada.secret))).toMatchObject({
    __typename: 'ChallengeExpiredError',
  });
});

test('RL-8: an account allows thirty failures a day over all challenges and step-ups', async ({
  server,
}) => {
  const ada = await person(server);
  const { accessToken } = await signInWithTotp(server, ada);
  clock.advance(30_000);
  const evaluated: string[] = [];
  const input = () => ({ code: { method: 'TOTP', code: wrong(ada.secret) } });
  for (let tries = 0; tries < 3; tries += 1) {
    evaluated.push((await callAs(server, accessToken, MFA.reauthenticate, input())).__typename);
  }
  while (evaluated.length < 40) {
    const { challengeToken } = await challengeOf(server, ada);
    for (let tries = 0; tries < 5; tries += 1) {
      const answer = await verify(server, challengeToken, 'TOTP', wrong(ada.secret));
      evaluated.push(answer.__typename);
    }
  }
  expect(evaluated.filter((name) => name === 'InvalidCodeError')).toHaveLength(30);
  expect(new Set(evaluated.slice(30))).toEqual(new Set(['RateLimitedError']));
  const { challengeToken } = await challengeOf(server, ada);
  const refused = await verify(server, challengeToken, 'TOTP', right(ada.secret));
  expect(refused.__typename).toBe('RateLimitedError');
  expect(refused.retryAfterSeconds).toBeGreaterThan(23 * 3600);
  const stepUp = { code: { method: 'TOTP', code: right(ada.secret) } };
  expect(await callAs(server, accessToken, MFA.reauthenticate, stepUp)).toMatchObject({
    __typename: 'RateLimitedError',
  });
  clock.advance(24 * 3_600_000);
  await signInWithTotp(server, ada);
}, 60_000);

test('RL-8: only a valid challenge reaches the account’s counter, and a success is not counted', async ({
  server,
}) => {
  const ada = await person(server);
  for (let tries = 0; tries < 10; tries += 1) {
    await verify(server, `lkc_${'x'.repeat(43)}`, 'TOTP', '123456');
  }
  for (let times = 0; times < 3; times += 1) {
    await signInWithTotp(server, ada);
    clock.advance(30_000);
  }
  const rows = await queryDatabase(
    server.app.deps.db,
    sql`select failures from second_factor_failures where user_id = ${ada.userId}`,
  );
  expect(rows).toEqual([{ failures: 0 }]);
});

test('LG-6: failures are audited; a mail is sent with the fifth, also over several challenges', async ({
  server,
}) => {
  const ada = await person(server);
  const mails = await mailCount(server, ada.email);
  for (const tries of [4, 1]) {
    const { challengeToken } = await challengeOf(server, ada);
    for (let done = 0; done < tries; done += 1) {
      await verify(server, challengeToken, 'TOTP', wrong(ada.secret));
    }
  }
  const mail = await server.mailTo(ada.email, mails + 1);
  expect(mail.subject).toBe('Someone knows your password');
  expect(await mailCount(server, ada.email)).toBe(mails + 1);
  const rows = await queryDatabase<{ type: string; count: number }>(
    server.app.deps.db,
    sql`select type, count(*)::int as count from audit_events
        where user_id = ${ada.userId} and type like 'SECOND_FACTOR%' group by type order by type`,
  );
  expect(rows).toEqual([
    { type: 'SECOND_FACTOR_FAILED', count: 5 },
    { type: 'SECOND_FACTOR_REQUIRED', count: 2 },
  ]);
});

test('LG-6: after a right password from elsewhere, the first wrong code of a day is mailed and the next is not', async ({
  server,
}) => {
  const ada = await person(server);
  const input = { email: ada.email, password: ada.password };
  for (const day of [1, 2]) {
    // The owner mistypes a code first, which causes no mail and hides none.
    const own = await challengeOf(server, ada);
    await verify(server, own.challengeToken, 'TOTP', wrong(ada.secret));
    const mails = await mailCount(server, ada.email);
    const from = { address: '203.0.113.50' };
    const { data } = await server.graphql(MFA.challenge, { input }, from);
    const { challengeToken } = data.login;
    for (let tries = 0; tries < 3; tries += 1) {
      const proof = { challengeToken, method: 'TOTP', code: wrong(ada.secret) };
      await server.graphql(MFA.verify, { input: proof }, from);
    }
    const mail = await server.mailTo(ada.email, mails + 1);
    expect(mail.subject, `day ${day}`).toBe('Someone knows your password');
    expect(await mailCount(server, ada.email)).toBe(mails + 1);
    clock.advance(DAY);
  }
});

test('a full hash queue does not count as a failed attempt', async ({ server }) => {
  const ada = await person(server);
  const { hasher } = server.app.deps;
  const { challengeToken } = await challengeOf(server, ada);
  const { ServerBusyError } = await import('../../../src/kernel/errors.ts');
  const verifyOne = hasher.verify;
  hasher.verify = async () => {
    throw new ServerBusyError(1);
  };
  const busy = await verify(server, challengeToken, 'BACKUP_CODE', '0000-0000-0000');
  hasher.verify = verifyOne;
  expect(busy.__typename).toBe('ServerBusyError');
  expect(await verify(server, challengeToken, 'TOTP', wrong(ada.secret))).toMatchObject({
    attemptsRemaining: 4,
  });
});
