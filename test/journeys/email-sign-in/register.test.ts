import { eq } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { build } from '../../../src/db/statement.ts';
import { auditEvents } from '../../../src/db/tables/audit-event.ts';
import { identities } from '../../../src/db/tables/identity.ts';
import { emailFactors } from '../../../src/db/tables/second-factor.ts';
import { sessions } from '../../../src/db/tables/session.ts';
import { users } from '../../../src/db/tables/user.ts';
import { MINUTE } from '../../../src/kernel/duration.ts';
import { newId } from '../../../src/kernel/id.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { LOGIN, PASSWORD, REGISTER, refresh, signIn, signUp } from '../../support/journeys.ts';
import { countRowsOf, queryDatabase } from '../../support/query-database.ts';
import {
  callAs,
  challengeOf,
  codeMailedBy,
  enrollTotp,
  MFA,
  totpCode,
  verify,
} from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  DELETE_ACCOUNT,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESET,
  TITLES,
  typeOf,
} from '../account-care.ts';
import { codeOf, completeSignIn, linkOf, mailedToken, requestSignIn } from './acts.ts';

const clock = createFakeClock();
const test = testWithServer({
  clock,
  env: { EMAIL_SIGN_IN: 'register', EMAIL_SIGN_IN_TTL: '1h', EMAIL_VERIFICATION: 'optional' },
});

const VIEWER = '{ viewer { user { id email emailVerified hasPassword name } } }';

const STEP_UP = `mutation { disableTotp { __typename
  ... on StepUpRequiredError { methods } } }`;

/** A person who has nothing but the mailbox. */
async function signUpByMail(server: TestServer, email: string) {
  const mail = await requestSignIn(server, email);
  const { accessToken, viewer } = await completeSignIn(server, linkOf(mail));
  return { email, accessToken, userId: viewer.user.id };
}

const rowsOf = (server: TestServer, email: string) =>
  queryDatabase(server.app.deps.db, build.select().from(users).where(eq(users.email, email)));

describe('an address without an account', () => {
  test.for(['link', 'code'])(
    'gets one with the %s, verified and without a password',
    async (as, { server }) => {
      const email = `new-by-${as}@example.com`;
      const mail = await requestSignIn(server, email);
      expect(mail.text).toContain('has no account at Latchkey yet');
      expect((await mailedToken(server, mail.token)).kind).toBe('EMAIL_SIGN_IN');
      const done = await completeSignIn(server, as === 'link' ? linkOf(mail) : codeOf(mail));
      expect(done.__typename).toBe('SignedIn');
      const { data } = await server.graphql(VIEWER, undefined, { token: done.accessToken });
      expect(data.viewer.user).toMatchObject({
        email,
        emailVerified: true,
        hasPassword: false,
        name: null,
      });
      const { db } = server.app.deps;
      const events = await queryDatabase(
        db,
        build.select().from(auditEvents).where(eq(auditEvents.userId, data.viewer.user.id)),
      );
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'ACCOUNT_CREATED', detail: { method: 'email' } }),
      );
    },
  );

  test('gets one account for two mails, and each of them signs in to it', async ({ server }) => {
    const email = 'twice@example.com';
    const mails = [await requestSignIn(server, email), await requestSignIn(server, email)];
    const ids: string[] = [];
    for (const mail of mails) {
      const done = await completeSignIn(server, linkOf(mail));
      expect(done.__typename).toBe('SignedIn');
      ids.push(done.viewer.user.id);
    }
    expect(new Set(ids).size).toBe(1);
    expect(await rowsOf(server, email)).toHaveLength(1);
  });

  test('PR-11: the sign-in ends the links of waiting registrations', async ({ server }) => {
    const email = 'registered-too@example.com';
    await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
    const { token } = await mailTitled(server, email, TITLES.verify);
    const mail = await requestSignIn(server, email);
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('SignedIn');
    expect(await mailedToken(server, token)).toBeNull();
  });

  test('DR-5: a mail from before the account was deleted makes none again', async ({ server }) => {
    const email = 'deleted@example.com';
    const person = await signUpByMail(server, email);
    const mail = await requestSignIn(server, email);
    await server.graphql(DELETE_ACCOUNT, undefined, { token: person.accessToken });
    for (const proof of [linkOf(mail), codeOf(mail)]) {
      expect((await completeSignIn(server, proof)).__typename).toBe('InvalidTokenError');
    }
    expect(await rowsOf(server, email)).toHaveLength(0);
  });
});

describe('an account without a password is a whole account', () => {
  test('it steps up by mail, adds an app, and is asked for the app from then on', async ({
    server,
  }) => {
    const email = 'whole@example.com';
    const { accessToken } = await signUpByMail(server, email);
    clock.advance(11 * MINUTE);
    const stale = await callAs(server, accessToken, STEP_UP);
    expect(stale).toEqual({ __typename: 'StepUpRequiredError', methods: ['EMAIL'] });
    const code = await codeMailedBy(server, email, () =>
      callAs(server, accessToken, MFA.sendReauthenticationCode),
    );
    const fresh = await callAs(server, accessToken, MFA.reauthenticate, {
      code: { method: 'EMAIL', code },
    });
    const person = { email, password: '', refreshToken: '', userId: '', sessionId: '' };
    const app = await enrollTotp(server, { ...person, accessToken: fresh.accessToken });
    clock.advance(30_000);
    const required = await completeSignIn(server, codeOf(await requestSignIn(server, email)));
    expect(required).toMatchObject({
      __typename: 'MfaRequired',
      methods: ['TOTP', 'BACKUP_CODE'],
    });
    const second = totpCode(app.secret, clock.now());
    const done = await verify(server, required.challengeToken, 'TOTP', second);
    expect(done.__typename).toBe('SignedIn');
  });

  test('it sets a password later, by a reset', async ({ server }) => {
    const email = 'later@example.com';
    await signUpByMail(server, email);
    const { token } = await askForReset(server, email);
    const input = { proof: { token }, newPassword: NEW_PASSWORD };
    expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
    const signedIn = await server.graphql(LOGIN, { input: { email, password: NEW_PASSWORD } });
    expect(typeOf(signedIn)).toBe('SignedIn');
  });

  test('LG-1: login with any password answers InvalidCredentialsError', async ({ server }) => {
    const { email } = await signUpByMail(server, 'passwordless@example.com');
    const input = { email, password: '' };
    expect(typeOf(await server.graphql(LOGIN, { input }))).toBe('InvalidInputError');
    const guess = { email, password: 'null' };
    expect(typeOf(await server.graphql(LOGIN, { input: guess }))).toBe('InvalidCredentialsError');
  });
});

test('EL-7: with a longer EMAIL_SIGN_IN_TTL the code still ends after ten minutes, the link later', async ({
  server,
}) => {
  const { email } = await signUpByMail(server, 'patient@example.com');
  const mail = await requestSignIn(server, email);
  clock.advance(10 * MINUTE + 1_000);
  expect((await completeSignIn(server, codeOf(mail))).__typename).toBe('InvalidTokenError');
  clock.advance(49 * MINUTE);
  expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('SignedIn');
});

test('PR-12: an address that an undo can still bring back is given to nobody: its reader is mailed the way back', async ({
  server,
}) => {
  const person = await signUp(server);
  const token = person.accessToken;
  const newEmail = 'moved-away@example.com';
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, { token });
  const change = await mailTitled(server, newEmail, TITLES.confirmChange);
  const input = { proof: { token: change.token } };
  await server.graphql(CONFIRM_EMAIL_CHANGE, { input }, { token });
  await mailTitled(server, person.email, TITLES.changed);
  const mail = await requestSignIn(server, person.email);
  expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('InvalidTokenError');
  await mailTitled(server, person.email, TITLES.held);
  expect(await rowsOf(server, person.email)).toHaveLength(0);
});

/**
 * EL-3: the attacks of arXiv 2205.10174 on a sign-in by mail. Somebody claims an address before its owner comes,
 * who then signs in by mail.
 */
describe('EL-3: the first sign-in by mail takes the account from whoever claimed the address before', () => {
  const ATTACKERS = 'the attackers own words';

  async function claim(server: TestServer, email: string) {
    const input = { email, password: ATTACKERS, name: 'Mallory' };
    const { data } = await server.graphql(REGISTER, { input });
    return { ...data.register, email, password: ATTACKERS };
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

  /** The owner comes, and has the account alone. */
  async function signInByMail(server: TestServer, email: string, as: 'link' | 'code' = 'link') {
    const mail = await requestSignIn(server, email);
    const done = await completeSignIn(server, as === 'link' ? linkOf(mail) : codeOf(mail));
    expect(done.__typename).toBe('SignedIn');
    expect(await isSignedIn(server, done)).toBe(true);
    await mailTitled(server, email, TITLES.earlierClaim);
    return done;
  }

  test.for(['link', 'code'] as const)(
    'EL-3: the claimed password, the session and the name end with the %s',
    async (as, { server }) => {
      const email = `classic-${as}@example.com`;
      const claimed = await claim(server, email);
      const owner = await signInByMail(server, email, as);
      await expectShutOut(server, claimed, email);
      const [user] = await rowsOf(server, email);
      expect(user).toMatchObject({ name: null, passwordHash: null });
      expect(user?.emailVerifiedAt).not.toBeNull();
      expect(owner.viewer.user.id).toBe(user?.id);
      const { db } = server.app.deps;
      const live = await queryDatabase(
        db,
        build
          .select()
          .from(sessions)
          .where(eq(sessions.userId, user?.id ?? '')),
      );
      expect(live.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(1);
    },
  );

  test('EL-3: the planted second factors and their challenges end', async ({ server }) => {
    const email = 'planted@example.com';
    const claimed = await claim(server, email);
    const mallory = await enrollTotp(server, await signIn(server, { email, password: ATTACKERS }));
    const { db } = server.app.deps;
    await queryDatabase(
      db,
      build.insert(emailFactors).values({ userId: mallory.userId, confirmedAt: clock.now() }),
    );
    const { challengeToken } = await challengeOf(server, mallory);
    const owner = await signInByMail(server, email);
    await expectShutOut(server, claimed, email);
    const late = await verify(server, challengeToken, 'BACKUP_CODE', mallory.backupCodes[0] ?? '');
    expect(late.__typename).toBe('ChallengeExpiredError');
    const status = await server.graphql(
      '{ viewer { mfa { enabled backupCodesRemaining } } }',
      undefined,
      { token: owner.accessToken },
    );
    expect(status.data.viewer.mfa).toEqual({ enabled: false, backupCodesRemaining: 0 });
  });

  test('EL-3: the linked identity ends', async ({ server }) => {
    const email = 'federated@example.com';
    const claimed = await claim(server, email);
    const [user] = await rowsOf(server, email);
    const { db } = server.app.deps;
    await queryDatabase(
      db,
      build.insert(identities).values({
        id: newId(server.app.deps),
        userId: user?.id ?? '',
        issuer: 'https://id.example/',
        subject: 'mallory',
        email: null,
        linkedAt: clock.now(),
      }),
    );
    await signInByMail(server, email);
    await expectShutOut(server, claimed, email);
    expect(await countRowsOf(db, identities, eq(identities.userId, user?.id ?? ''))).toBe(0);
  });

  test('EL-3: the pending change of address is void', async ({ server }) => {
    const email = 'pending@example.com';
    const claimed = await claim(server, email);
    const newEmail = 'mallory-waits@example.com';
    const token = claimed.accessToken;
    await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, { token });
    const change = await mailTitled(server, newEmail, TITLES.confirmChange);
    const owner = await signInByMail(server, email);
    await expectShutOut(server, claimed, email);
    for (const { accessToken } of [claimed, owner]) {
      const input = { proof: { token: change.token } };
      const confirmed = await callAs(server, accessToken, CONFIRM_EMAIL_CHANGE, input);
      expect(confirmed.__typename).not.toBe('EmailChanged');
    }
  });

  test('EL-3: a reset from before is void, and whoever claimed the address cannot void the owner’s mail', async ({
    server,
  }) => {
    const email = 'trojan@example.com';
    const claimed = await claim(server, email);
    const planted = await askForReset(server, email);
    const mail = await requestSignIn(server, email);
    // The claimant changes the credentials after the owner asked.
    await enrollTotp(server, await signIn(server, claimed));
    expect((await mailedToken(server, mail.token)).kind).toBe('EMAIL_SIGN_IN');
    const done = await completeSignIn(server, linkOf(mail));
    expect(done.__typename).toBe('SignedIn');
    await expectShutOut(server, claimed, email);
    const input = { proof: { token: planted.token }, newPassword: NEW_PASSWORD };
    expect(typeOf(await server.graphql(RESET, { input }))).toBe('InvalidTokenError');
  });

  test('EL-5: a disabled account whose address was never verified is taken over by nobody', async ({
    server,
  }) => {
    const email = 'disabled-claim@example.com';
    await claim(server, email);
    const mail = await requestSignIn(server, email);
    const { db } = server.app.deps;
    const disabled = { disabledAt: clock.now() };
    await queryDatabase(db, build.update(users).set(disabled).where(eq(users.email, email)));
    expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('InvalidTokenError');
    const [user] = await rowsOf(server, email);
    expect(user?.emailVerifiedAt).toBeNull();
    expect(user?.passwordHash).not.toBeNull();
  });
});
