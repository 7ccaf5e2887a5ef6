import { eq, sql } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { build } from '../../src/db/statement.ts';
import { emailFactors } from '../../src/db/tables/second-factor.ts';
import { users } from '../../src/db/tables/user.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, REGISTER, refresh, signIn, VERIFY_EMAIL } from '../support/journeys.ts';
import { authenticatorFor, enroll, PASSKEY, signInWithPasskey } from '../support/passkeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import {
  callAs,
  challengeOf,
  enrollTotp,
  MFA,
  totpCode,
  verify,
} from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  countMails,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESEND,
  RESET,
  TITLES,
  typeOf,
} from './account-care.ts';

/**
 * The attacks of arXiv 2205.10174: somebody claims an address before its owner registers. Only with
 * EMAIL_VERIFICATION=optional does an account exist before its address is verified.
 */
const ATTACKERS = 'the attackers own words';

const test = testWithServer({ env: { EMAIL_VERIFICATION: 'optional' } });

async function claim(server: TestServer, email: string) {
  const input = { email, password: ATTACKERS, name: 'Mallory' };
  const { data } = await server.graphql(REGISTER, { input });
  return data.register as { accessToken: string; refreshToken: string };
}

async function expectShutOut(
  server: TestServer,
  claimed: { accessToken: string; refreshToken: string },
  email: string,
) {
  expect(await isSignedIn(server, claimed)).toBe(false);
  expect((await refresh(server, claimed.refreshToken)).__typename).toBe('InvalidTokenError');
  const input = { email, password: ATTACKERS };
  expect(typeOf(await server.graphql(LOGIN, { input }))).toBe('InvalidCredentialsError');
}

const reset = (server: TestServer, token: string) =>
  server.graphql(RESET, { input: { proof: { token }, newPassword: NEW_PASSWORD } });

describe('PR-8: the first proof of an address takes the account from whoever claimed it before', () => {
  test('the claimed password: the owner’s reset ends it, the session and the name', async ({
    server,
  }) => {
    const email = 'classic@example.com';
    const claimed = await claim(server, email);
    const { token } = await askForReset(server, email);
    expect(typeOf(await reset(server, token))).toBe('PasswordChanged');
    await expectShutOut(server, claimed, email);
    const { db } = server.app.deps;
    const [user] = await queryDatabase(
      db,
      build.select().from(users).where(eq(users.email, email)),
    );
    expect(user).toMatchObject({ name: null, emailVerifiedAt: expect.any(Date) });
  });

  test('the unexpired session: the owner’s own verification ends it and the password', async ({
    server,
  }) => {
    const email = 'session@example.com';
    const claimed = await claim(server, email);
    await mailTitled(server, email, TITLES.verify);
    await server.graphql(RESEND, { input: { email } });
    const { token } = await mailTitled(server, email, TITLES.verify, 2);
    const proof = { token };
    const bare = await server.graphql(VERIFY_EMAIL, { input: { proof } });
    expect(bare.data.verifyEmail).toEqual({ __typename: 'PasswordNeeded', email });
    const input = { proof, password: NEW_PASSWORD };
    const verified = await server.graphql(VERIFY_EMAIL, { input });
    expect(typeOf(verified)).toBe('SignedIn');
    expect(await isSignedIn(server, verified.data.verifyEmail)).toBe(true);
    await mailTitled(server, email, TITLES.earlierClaim);
    await expectShutOut(server, claimed, email);
  });

  test.for(['reset', 'verification'])(
    'the planted second factor: the owner’s %s ends app, codes and challenges',
    async (way, { server }) => {
      const email = `locked-in-by-${way}@example.com`;
      await claim(server, email);
      const mallory = await enrollTotp(
        server,
        await signIn(server, { email, password: ATTACKERS }),
      );
      const { db } = server.app.deps;
      // Codes by mail go to the owner, who would have to confirm them, so the test inserts the factor itself.
      await queryDatabase(
        db,
        build
          .insert(emailFactors)
          .values({ userId: mallory.userId, confirmedAt: server.app.deps.clock.now() }),
      );
      const { challengeToken } = await challengeOf(server, mallory);
      if (way === 'reset') {
        await reset(server, (await askForReset(server, email)).token);
      } else {
        await server.graphql(RESEND, { input: { email } });
        const { token } = await mailTitled(server, email, TITLES.verify, 2);
        const input = { proof: { token }, password: NEW_PASSWORD };
        expect(typeOf(await server.graphql(VERIFY_EMAIL, { input }))).toBe('SignedIn');
      }
      await expectShutOut(server, mallory, email);
      for (const [method, code] of [
        ['BACKUP_CODE', mallory.backupCodes[0] ?? ''],
        ['TOTP', totpCode(mallory.secret, new Date(Date.now() + 30_000))],
      ] as const) {
        const late = await verify(server, challengeToken, method, code);
        expect(late.__typename).toBe('ChallengeExpiredError');
      }
      for (const table of ['totp_factors', 'email_factors', 'backup_codes']) {
        const left = await queryDatabase(
          db,
          sql`select 1 from ${sql.identifier(table)} where user_id = ${mallory.userId}`,
        );
        expect(left, table).toHaveLength(0);
      }
      // The owner needs nothing but the password that they chose.
      const owner = await signIn(server, { email, password: NEW_PASSWORD });
      expect((await callAs(server, owner.accessToken, MFA.enableTotp)).__typename).toBe(
        'TotpEnrollment',
      );
    },
  );

  test('the planted passkey: the owner’s reset ends it, and its user handle, which the attacker’s authenticator knows', async ({
    server,
  }) => {
    const email = 'planted-passkey@example.com';
    await claim(server, email);
    const mallory = await signIn(server, { email, password: ATTACKERS });
    const authenticator = authenticatorFor(server);
    expect((await enroll(server, mallory, authenticator)).__typename).toBe('PasskeyAdded');
    await reset(server, (await askForReset(server, email)).token);
    expect((await signInWithPasskey(server, authenticator)).__typename).toBe('InvalidPasskeyError');
    const { accessToken } = await signIn(server, { email, password: NEW_PASSWORD });
    const seen = await server.graphql(PASSKEY.viewer, undefined, { token: accessToken });
    expect(seen.data.viewer.passkeySignals).toBeNull();
    const handles = sql`select 1 from passkey_handles where user_id = ${mallory.userId}`;
    expect(await queryDatabase(server.app.deps.db, handles)).toEqual([]);
  });

  test('the unexpired change of address: a pending change is void once the owner has verified the address', async ({
    server,
  }) => {
    const email = 'pending-change@example.com';
    const claimed = await claim(server, email);
    const newEmail = 'mallory-elsewhere@example.com';
    const options = { token: claimed.accessToken };
    await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, options);
    const change = await mailTitled(server, newEmail, TITLES.confirmChange);
    await reset(server, (await askForReset(server, email)).token);
    await expectShutOut(server, claimed, email);
    const { data } = await server.graphql(LOGIN, { input: { email, password: NEW_PASSWORD } });
    const proof = { token: change.token };
    for (const { accessToken } of [claimed, data.login]) {
      const options = { token: accessToken };
      const confirmed = await server.graphql(CONFIRM_EMAIL_CHANGE, { input: { proof } }, options);
      expect(typeOf(confirmed)).not.toBe('EmailChanged');
    }
  });

  test('the trojan identifier: a reset that was requested before the owner came is rejected, and no stop link is created', async ({
    server,
  }) => {
    const email = 'trojan@example.com';
    const claimed = await claim(server, email);
    const planted = await askForReset(server, email);
    const options = { token: claimed.accessToken };
    const newEmail = 'mallory-trojan@example.com';
    await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, options);
    await mailTitled(server, newEmail, TITLES.confirmChange);
    // The old address was never verified. A link in its mailbox would give away somebody else's account.
    expect(countMails(server, email, TITLES.changeRequested)).toBe(0);
    const owners = await askForReset(server, email);
    expect(typeOf(await reset(server, owners.token))).toBe('PasswordChanged');
    await expectShutOut(server, claimed, email);
    expect(typeOf(await reset(server, planted.token))).toBe('InvalidTokenError');
  });
});

test('the holder’s own verification keeps the holder’s own password', async ({ server }) => {
  const email = 'honest@example.com';
  const claimed = await claim(server, email);
  const { token } = await mailTitled(server, email, TITLES.verify);
  const input = { proof: { token } };
  const own = { token: claimed.accessToken };
  expect(typeOf(await server.graphql(VERIFY_EMAIL, { input }, own))).toBe('SignedIn');
  expect(await isSignedIn(server, claimed)).toBe(true);
});
