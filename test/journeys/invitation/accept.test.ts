import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { DAY } from '../../../src/kernel/duration.ts';
import { giveRole, signUpAdministrator } from '../../support/administrators.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { LOGIN, PASSWORD, REGISTER, signIn, signUp } from '../../support/journeys.ts';
import { authenticatorFor, enroll } from '../../support/passkeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { enrollTotp } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { trialsOr } from '../../support/trials.ts';
import {
  askForReset,
  countMails,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  RESET,
  TITLES,
  typeOf,
} from '../account-care.ts';
import { completeSignIn, mailedToken, requestSignIn } from '../email-sign-in/acts.ts';
import {
  accept,
  administer,
  createInvited,
  INVITE,
  invite,
  machine,
  plantInvitation,
  REVOKE,
  stateOf,
} from './acts.ts';

const clock = createFakeClock();
const test = testWithServer({
  clock,
  env: { EMAIL_VERIFICATION: 'optional', EMAIL_SIGN_IN: 'existing', DEFAULT_ROLES: 'member' },
});

let count = 0;
const newAddress = () => `invited-${++count}-${randomBytes(4).toString('hex')}@example.com`;

/** Makes a role that can be given. */
const role = async (server: TestServer, name: string) => {
  const { db } = server.app.deps;
  const now = clock.now().toISOString();
  await queryDatabase(
    db,
    sql`insert into roles (name, created_at, updated_at) values (${name}, ${now}, ${now}) on conflict do nothing`,
  );
};

const eventsOf = async (server: TestServer, email: string) =>
  (
    await queryDatabase<{ type: string }>(
      server.app.deps.db,
      sql`select type from audit_events where user_id = (select id from users where email = ${email})`,
    )
  ).map(({ type }) => type);

describe('an address without an account', () => {
  test('AD-8: accepting makes an account with a proven address, the roles of the row and those of DEFAULT_ROLES', async ({
    server,
  }) => {
    const email = newAddress();
    await role(server, 'editor');
    const { token } = await invite(server, { email, roles: ['editor'], name: 'Ada', locale: 'de' });
    expect(token).toMatch(/^lki_[\w-]{43}$/);
    const signedIn = await accept(server, token);
    expect(signedIn).toMatchObject({
      __typename: 'SignedIn',
      viewer: { user: { email, emailVerified: true, name: 'Ada' } },
    });
    expect(await stateOf(server, email)).toEqual({
      ...{ accounts: 1, verified: true, name: 'Ada', roles: 'editor member' },
      ...{ sessions: 1, invitations: 0 },
    });
    expect((await eventsOf(server, email)).toSorted()).toEqual([
      'ACCOUNT_CREATED',
      'INVITATION_ACCEPTED',
      'SIGNED_IN',
    ]);
    // The first access token has the roles already (CL-1).
    const [, claims = ''] =
      signedIn.__typename === 'SignedIn' ? signedIn.accessToken.split('.') : [];
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString()).roles).toEqual([
      'editor',
      'member',
    ]);
    expect((await signIn(server, { email, password: PASSWORD })).email).toBe(email);
  });

  test('AD-8: an accepted token is void', async ({ server }) => {
    const { token } = await invite(server, { email: newAddress() });
    await accept(server, token);
    expect((await accept(server, token)).__typename).toBe('InvalidTokenError');
    expect((await accept(server, token, {})).__typename).toBe('InvalidTokenError');
  });

  test('AD-8: reading the link and asking without a password use nothing up', async ({
    server,
  }) => {
    const email = newAddress();
    const { token } = await invite(server, { email });
    for (let times = 0; times < 3; times += 1) {
      expect(await mailedToken(server, token)).toMatchObject({ kind: 'INVITATION', email });
      expect(await accept(server, token, {})).toEqual({ __typename: 'PasswordNeeded', email });
    }
    const weak = await accept(server, token, { password: 'password' });
    expect(weak.__typename).toBe('WeakPasswordError');
    expect(await stateOf(server, email)).toMatchObject({ accounts: 0, invitations: 1 });
    expect((await accept(server, token)).__typename).toBe('SignedIn');
    expect(await mailedToken(server, token)).toBeNull();
  });

  test('AD-8: inviting again voids the older mail, whose roles go with it', async ({ server }) => {
    const email = newAddress();
    await role(server, 'editor');
    const older = await invite(server, { email, roles: ['editor'] });
    const newer = await invite(server, { email });
    expect(await mailedToken(server, older.token)).toBeNull();
    expect((await accept(server, older.token)).__typename).toBe('InvalidTokenError');
    expect((await accept(server, newer.token)).__typename).toBe('SignedIn');
    expect(await stateOf(server, email)).toMatchObject({ accounts: 1, roles: 'member' });
  });

  test('AD-8: no input of the link’s reader gives a role or another address', async ({
    server,
  }) => {
    const { token } = await invite(server, { email: newAddress() });
    const document = `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename } }`;
    for (const extra of [{ roles: ['admin'] }, { email: 'other@example.com' }, { userId: 'x' }]) {
      const input = { token, password: PASSWORD, ...extra };
      const { data, errors } = await server.graphql(document, { input });
      expect(data).toBeUndefined();
      expect(errors).toHaveLength(1);
    }
    expect((await accept(server, token)).__typename).toBe('SignedIn');
  });

  test('AD-8: a revoked invitation, and an expired one, lead nowhere', async ({ server }) => {
    const revoked = await invite(server, { email: newAddress() });
    const { id: invitationId } = revoked.invitation;
    const gone = await administer(server, await machine(server), REVOKE, { invitationId });
    expect(gone).toEqual({ __typename: 'InvitationRevoked', id: invitationId });
    expect((await accept(server, revoked.token)).__typename).toBe('InvalidTokenError');
    const expired = await invite(server, { email: newAddress() });
    clock.advance(7 * DAY);
    expect(await mailedToken(server, expired.token)).toBeNull();
    expect((await accept(server, expired.token)).__typename).toBe('InvalidTokenError');
  });

  test('AD-3: a role that vanished is skipped, and so is another one that was made with its name', async ({
    server,
  }) => {
    const email = newAddress();
    for (const name of ['kept', 'vanished', 'remade']) await role(server, name);
    const { token } = await invite(server, { email, roles: ['kept', 'vanished', 'remade'] });
    const { db } = server.app.deps;
    await queryDatabase(db, sql`delete from roles where name in ('vanished', 'remade')`);
    clock.advance(1);
    await role(server, 'remade');
    expect((await accept(server, token)).__typename).toBe('SignedIn');
    expect(await stateOf(server, email)).toMatchObject({ roles: 'kept member' });
  });

  test('AD-8: of 20 acceptances at the same time, one makes the account and its session', async ({
    server,
  }) => {
    for (let trial = 0; trial < trialsOr(3); trial += 1) {
      const email = newAddress();
      const { token } = await invite(server, { email });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          accept(server, token, { password: PASSWORD }, { address: `198.51.100.${index}` }),
        ),
      );
      const won = answers.filter(({ __typename }) => __typename === 'SignedIn');
      expect(won).toHaveLength(1);
      expect(await stateOf(server, email)).toMatchObject({ accounts: 1, sessions: 1 });
    }
  });

  test('AD-8: a revocation and an acceptance at the same time: exactly one of them happens', async ({
    server,
  }) => {
    const token = await machine(server);
    for (let trial = 0; trial < trialsOr(4); trial += 1) {
      const email = newAddress();
      const mail = await invite(server, { email });
      const input = { invitationId: mail.invitation.id };
      const [accepted, revoked] = await Promise.all([
        accept(server, mail.token),
        administer(server, token, REVOKE, input),
      ]);
      const isAccepted = accepted.__typename === 'SignedIn';
      expect(revoked.__typename).toBe(isAccepted ? 'NotFoundError' : 'InvitationRevoked');
      expect(await stateOf(server, email)).toMatchObject({ accounts: isAccepted ? 1 : 0 });
    }
  });
});

describe('an address with an account', () => {
  test('PR-11: a stranger’s unverified account of the address is taken over before roles and session come to it', async ({
    server,
  }) => {
    const email = newAddress();
    await role(server, 'editor');
    const stranger = { email, password: 'the attackers own words' };
    const { data } = await server.graphql(REGISTER, { input: { ...stranger, name: 'Mallory' } });
    const claimed = data.register as { accessToken: string };
    const { token } = await invite(server, { email, roles: ['editor'] });
    expect((await accept(server, token)).__typename).toBe('SignedIn');
    expect(await isSignedIn(server, claimed)).toBe(false);
    expect(typeOf(await server.graphql(LOGIN, { input: stranger }))).toBe(
      'InvalidCredentialsError',
    );
    expect(await stateOf(server, email)).toMatchObject({
      ...{ accounts: 1, verified: true, name: null, roles: 'editor member', sessions: 1 },
    });
    expect(countMails(server, email, TITLES.earlierClaim)).toBe(1);
  });

  test('PR-11: a stranger who deletes the account that claimed the address ends no invitation', async ({
    server,
  }) => {
    const email = newAddress();
    await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
    const { token } = await invite(server, { email });
    await queryDatabase(server.app.deps.db, sql`delete from users where email = ${email}`);
    expect((await accept(server, token)).__typename).toBe('SignedIn');
  });

  test('AD-8: an account that proved the address meanwhile keeps everything, and ends the invitation', async ({
    server,
  }) => {
    const email = newAddress();
    await role(server, 'editor');
    const { token } = await invite(server, { email, roles: ['editor'] });
    await server.graphql(REGISTER, { input: { email, password: 'her own good words' } });
    const mail = await askForReset(server, email);
    await server.graphql(RESET, {
      input: { proof: { token: mail.token }, newPassword: NEW_PASSWORD },
    });
    expect(await stateOf(server, email)).toMatchObject({ verified: true, invitations: 0 });
    expect((await accept(server, token)).__typename).toBe('InvalidTokenError');
    expect(await stateOf(server, email)).toMatchObject({ roles: 'member' });
    expect((await signIn(server, { email, password: NEW_PASSWORD })).email).toBe(email);
    // Also where the row is still there.
    const planted = await plantInvitation(server, { email });
    expect(await mailedToken(server, planted)).toBeNull();
    expect((await accept(server, planted)).__typename).toBe('InvalidTokenError');
  });

  test('AD-8: a disabled account is not entered, whether or not its address is proven', async ({
    server,
  }) => {
    const { db } = server.app.deps;
    for (const emailVerified of [false, true]) {
      const email = newAddress();
      const { token } = await createInvited(server, { email, emailVerified });
      await queryDatabase(db, sql`update users set disabled_at = now() where email = ${email}`);
      expect((await accept(server, token)).__typename).toBe('InvalidTokenError');
      expect(await mailedToken(server, token)).toBeNull();
    }
  });
});

describe('an account that an administrator created', () => {
  test.for([false, true])(
    'AD-8: its owner sets the password and is verified (vouched for: %s)',
    async (emailVerified, { server }) => {
      const email = newAddress();
      await role(server, 'editor');
      const account = { email, emailVerified, roles: ['editor'], name: 'Ada', locale: 'de' };
      const { token, userId } = await createInvited(server, account);
      const signedIn = await accept(server, token);
      expect(signedIn).toMatchObject({
        __typename: 'SignedIn',
        viewer: { user: { id: userId, email, emailVerified: true, name: 'Ada' } },
      });
      expect(await stateOf(server, email)).toMatchObject({ accounts: 1, roles: 'editor member' });
      expect(countMails(server, email, TITLES.earlierClaim)).toBe(0);
      const [{ locale }] = (await queryDatabase<{ locale: string }>(
        server.app.deps.db,
        sql`select locale from users where id = ${userId}::uuid`,
      )) as [{ locale: string }];
      expect(locale).toBe('de');
      expect((await accept(server, token)).__typename).toBe('InvalidTokenError');
    },
  );

  test('the name that the person types counts, not that of the administrator', async ({
    server,
  }) => {
    const email = newAddress();
    const { token } = await createInvited(server, { email, emailVerified: true, name: 'Ada' });
    expect(await accept(server, token, { password: PASSWORD, name: 'Countess' })).toMatchObject({
      viewer: { user: { name: 'Countess' } },
    });
  });

  test('AD-8: of 20 acceptances at the same time, one sets the password and starts a session', async ({
    server,
  }) => {
    for (let trial = 0; trial < trialsOr(3); trial += 1) {
      const email = newAddress();
      const { token } = await createInvited(server, { email, emailVerified: trial % 2 === 0 });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          accept(server, token, { password: PASSWORD }, { address: `198.51.100.${index}` }),
        ),
      );
      expect(answers.filter(({ __typename }) => __typename === 'SignedIn')).toHaveLength(1);
      expect(await stateOf(server, email)).toMatchObject({ accounts: 1, sessions: 1 });
    }
  });

  test('AD-8: once it has a password, the invitation is void', async ({ server }) => {
    const email = newAddress();
    const { token } = await createInvited(server, { email, emailVerified: true });
    const mail = await askForReset(server, email);
    await server.graphql(RESET, {
      input: { proof: { token: mail.token }, newPassword: NEW_PASSWORD },
    });
    expect((await accept(server, token)).__typename).toBe('InvalidTokenError');
    expect((await signIn(server, { email, password: NEW_PASSWORD })).email).toBe(email);
  });

  test('MF-5, PR-12: where its owner signed in before and has a second factor, it is asked for, and a mail can undo the password', async ({
    server,
  }) => {
    const person = await enrollTotp(server, await signIn(server, await signUp(server)));
    const { email, userId } = person;
    await queryDatabase(
      server.app.deps.db,
      sql`update users set password_hash = null where id = ${userId}::uuid`,
    );
    const token = await plantInvitation(server, { email, userId });
    const before = countMails(server, email, TITLES.resetDone);
    const answer = await accept(server, token, { password: NEW_PASSWORD });
    expect(answer).toMatchObject({
      __typename: 'MfaRequired',
      methods: expect.arrayContaining(['TOTP']),
    });
    expect(JSON.stringify(answer)).not.toContain('accessToken');
    expect(await isSignedIn(server, person)).toBe(false);
    const mail = await mailTitled(server, email, TITLES.resetDone, before + 1);
    expect(mail.text).toContain('/undo-security-change?token=');
  });

  test.for([false, true])(
    'PR-12: the owner who entered by mail hears of a first password, also after signing out (%s), and can undo it',
    async (signsOut, { server }) => {
      const email = newAddress();
      const { token, userId } = await createInvited(server, { email, emailVerified: true });
      const entered = await completeSignIn(server, {
        token: (await requestSignIn(server, email)).token,
      });
      if (signsOut) {
        const { accessToken } = entered;
        await server.graphql('mutation { logout { __typename } }', {}, { token: accessToken });
      }
      expect((await accept(server, token)).__typename).toBe('SignedIn');
      const mail = await mailTitled(server, email, TITLES.resetDone);
      expect(mail.text).toContain('/undo-security-change?token=');
      const [{ passwords }] = (await queryDatabase<{ passwords: number }>(
        server.app.deps.db,
        sql`select count(*)::int as passwords from access_ledger where user_id = ${userId}::uuid and kind = 'password'`,
      )) as [{ passwords: number }];
      expect(passwords).toBe(1);
    },
  );

  test('AD-8: once its owner has a passkey, the invitation is void everywhere, and nobody is invited', async ({
    server,
  }) => {
    const email = newAddress();
    const { token } = await createInvited(server, { email, emailVerified: true });
    const entered = await completeSignIn(server, {
      token: (await requestSignIn(server, email)).token,
    });
    expect(await mailedToken(server, token)).toMatchObject({ kind: 'INVITATION' });
    await enroll(server, entered, authenticatorFor(server));
    expect(await mailedToken(server, token)).toBeNull();
    expect((await accept(server, token, {})).__typename).toBe('InvalidTokenError');
    expect((await accept(server, token)).__typename).toBe('InvalidTokenError');
    const again = await administer(server, await machine(server), INVITE, { email });
    expect(again.__typename).toBe('EmailTakenError');
  });

  test('the administrator’s own account is never another person’s invitation', async ({
    server,
  }) => {
    const admin = await signUpAdministrator(server);
    await giveRole(server, admin, 'other');
    const taken = await administer(server, admin.accessToken, INVITE, { email: admin.email });
    expect(taken.__typename).toBe('EmailTakenError');
  });
});

test('every token that leads nowhere gets one answer', async ({ server }) => {
  const { token } = await invite(server, { email: newAddress() });
  await accept(server, token);
  const dead = [
    token,
    `lki_${randomBytes(32).toString('base64url')}`,
    randomBytes(32).toString('base64url'),
    'x',
    `${token}x`,
  ];
  const answers = await Promise.all(
    dead.map(async (one) => JSON.stringify(await accept(server, one))),
  );
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toContain('InvalidTokenError');
});
