import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../src/kernel/duration.ts';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import {
  askForReset,
  CHANGE_PASSWORD,
  CONFIRM_EMAIL_CHANGE,
  DELETE_ACCOUNT,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESET,
  TITLES,
  typeOf,
  UNDO_EMAIL_CHANGE,
  UNDO_SECURITY_CHANGE,
  UPDATE_PROFILE,
} from '../journeys/account-care.ts';
import { completeSignIn, linkOf, requestSignIn } from '../journeys/email-sign-in/acts.ts';
import { adminToken, signUpAdministrator } from '../support/administrators.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { impersonate } from '../support/impersonation.ts';
import { type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { IDENTITIES, roundTrip, startServerWith, UNLINK } from '../support/oauth.ts';
import { PASSKEY_MFA } from '../support/passkey-factor.ts';
import { authenticatorFor, enroll, signInWithPasskey } from '../support/passkeys.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { queryDatabase } from '../support/query-database.ts';
import { callAs, challengeOf, enrollTotp } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

/**
 * SE-7: every cache is warm (the token's signature, the documents, the prepared statements), then the
 * session ends, and the very next request with its access token is unauthenticated.
 */

const VIEWER =
  '{ viewer { user { id email name } session { id } sessions { edges { node { id } } } } }';
const DOCUMENT = (name: string) => `mutation { ${name} { __typename ... on Error { message } } }`;
const REVOKE = `mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) {
  __typename ... on Error { message } } }`;

type Case = { readonly server: TestServer; readonly clock: FakeClock; readonly person: Person };

/** The ways a session ends, each up to the success that the operation itself reports. */
const ENDINGS: Readonly<Record<string, (about: Case) => Promise<unknown>>> = {
  'SignedOut: logout': ({ server, person }) =>
    callAs(server, person.accessToken, DOCUMENT('logout')),
  'SessionsRevoked: ended from another session': async ({ server, person }) => {
    const { accessToken } = await signIn(server, person);
    return await callAs(server, accessToken, REVOKE, { sessionId: person.sessionId });
  },
  'SessionsRevoked: all others ended': async ({ server, person }) => {
    const { accessToken } = await signIn(server, person);
    return await callAs(server, accessToken, DOCUMENT('revokeOtherSessions'));
  },
  'PasswordChanged: in another session': async ({ server, person }) => {
    const { accessToken, password } = await signIn(server, person);
    const input = { currentPassword: password, newPassword: NEW_PASSWORD };
    return await callAs(server, accessToken, CHANGE_PASSWORD, input);
  },
  'PasswordChanged: reset by mail': async ({ server, person }) => {
    const { token } = await askForReset(server, person.email);
    const { data } = await server.graphql(RESET, {
      input: { proof: { token }, newPassword: NEW_PASSWORD },
    });
    return data.resetPassword;
  },
  'EmailChanged: in another session': async ({ server, person }) => {
    const { accessToken, email } = await signIn(server, person);
    const newEmail = `moved-${email}`;
    await callAs(server, accessToken, REQUEST_EMAIL_CHANGE, { newEmail });
    const { token } = await mailTitled(server, newEmail, TITLES.confirmChange);
    return await callAs(server, accessToken, CONFIRM_EMAIL_CHANGE, { proof: { token } });
  },
  'EmailChangeUndone: a change stopped by the old address': async ({ server, person }) => {
    const { accessToken, email } = person;
    await callAs(server, accessToken, REQUEST_EMAIL_CHANGE, { newEmail: `taken-${email}` });
    const { token } = await mailTitled(server, email, TITLES.changeRequested);
    return (await server.graphql(UNDO_EMAIL_CHANGE, { input: { token } })).data.undoEmailChange;
  },
  'SecurityChangeUndone: a new way in taken away again': async ({ server, person }) => {
    await enrollTotp(server, person);
    const { token } = await mailTitled(server, person.email, TITLES.factorAdded);
    const { data } = await server.graphql(UNDO_SECURITY_CHANGE, { input: { token } });
    return data.undoSecurityChange;
  },
  'IdentityUnlinked: the linked account it began with, unlinked in another session': async ({
    server,
    person,
  }) => {
    const { accessToken } = await signIn(server, person);
    const { data } = await server.graphql(IDENTITIES, undefined, { token: accessToken });
    const [identity] = data.viewer.identities;
    return await callAs(server, accessToken, UNLINK, { identityId: identity.id });
  },
  'MfaEnabled: a factor enabled in another session': async ({ server, person }) => {
    await enrollTotp(server, await signIn(server, person));
    return { __typename: 'MfaEnabled' };
  },
  'PasskeyRemoved: a passkey removed in another session': async ({ server, person }) => {
    const [{ id: passkeyId } = { id: '' }] = await queryDatabase<{ id: string }>(
      server.app.deps.db,
      sql`select id from passkeys where user_id = ${person.userId}`,
    );
    const { accessToken } = await signIn(server, person);
    return await callAs(server, accessToken, PASSKEY_MFA.remove, { passkeyId });
  },
  'MfaEnabled: passkeys made a second factor in another session': async ({ server, person }) => {
    const { accessToken } = await signIn(server, person);
    return await callAs(server, accessToken, PASSKEY_MFA.enable);
  },
  'SecurityChangeUndone: a passkey taken away again': async ({ server, person }) => {
    const { token } = await mailTitled(server, person.email, TITLES.passkeyAdded);
    const { data } = await server.graphql(UNDO_SECURITY_CHANGE, { input: { token } });
    return data.undoSecurityChange;
  },
  'PasskeyAdded: a passkey added in another session': async ({ server, person }) =>
    await enroll(server, await signIn(server, person), authenticatorFor(server)),
  'SignedIn: an unverified account taken over by a sign-in by mail': async ({ server, person }) => {
    await queryDatabase(
      server.app.deps.db,
      sql`update users set email_verified_at = null where id = ${person.userId}`,
    );
    return await completeSignIn(server, linkOf(await requestSignIn(server, person.email)));
  },
  'AccountDeleted: the account deleted': ({ server, person }) =>
    callAs(server, person.accessToken, DELETE_ACCOUNT),
  'InvalidTokenError: a refresh token sent twice': async ({ server, clock, person }) => {
    expect((await refresh(server, person.refreshToken)).__typename).toBe('SignedIn');
    clock.advance(MINUTE);
    return await refresh(server, person.refreshToken);
  },
  'SignedIn: too many sessions': async ({ server, clock, person }) => {
    for (let n = 0; n < 50; n += 1) {
      clock.advance(1_000);
      await signIn(server, person);
    }
    return { __typename: 'SignedIn' };
  },
  'UserDisabled: by an administrator': ({ server, person }) =>
    byAdministrator(server, 'disableUser', { userId: person.userId }),
  'UserDeleted: by an administrator': ({ server, person }) =>
    byAdministrator(server, 'deleteUser', { userId: person.userId }),
  'UserSessionsRevoked: by an administrator': ({ server, person }) =>
    byAdministrator(server, 'revokeUserSessions', { userId: person.userId }),
  'SecondFactorsRemoved: by an administrator': ({ server, person }) =>
    byAdministrator(server, 'removeSecondFactors', { userId: person.userId }),
  'UserPasskeyRemoved: by an administrator': async ({ server, person: { userId } }) => {
    const passkeyId = await idOfOnly(server, 'passkeys', userId);
    return await byAdministrator(server, 'removeUserPasskey', { userId, passkeyId });
  },
  'UserIdentityUnlinked: by an administrator': async ({ server, person: { userId } }) => {
    const identityId = await idOfOnly(server, 'identities', userId);
    return await byAdministrator(server, 'unlinkUserIdentity', { userId, identityId });
  },
  'disabled: the account disabled': async ({ server, clock, person }) => {
    const now = clock.now().toISOString();
    await queryDatabase(
      server.app.deps.db,
      sql`update users set disabled_at = ${now} where id = ${person.userId}`,
    );
    return { __typename: 'disabled' };
  },
  'ended: an administrator who acts as the person loses the role': async ({ server, person }) => {
    const { email } = await impersonatorOf(server, person);
    await latchkey(`admins revoke ${email}`, { config: server.app.deps.config });
    return { __typename: 'ended' };
  },
  'ended: an administrator who acts as the person is signed out': async ({ server, person }) => {
    const { sessionId } = await impersonatorOf(server, person);
    await queryDatabase(
      server.app.deps.db,
      sql`update sessions set revoked_at = now(), revoked_because = 'signed-out' where id = ${sessionId}`,
    );
    return { __typename: 'ended' };
  },
  'ended: the session’s own end': async ({ server, clock, person }) => {
    const now = clock.now().toISOString();
    await queryDatabase(
      server.app.deps.db,
      sql`update sessions set expires_at = ${now} where id = ${person.sessionId}`,
    );
    return { __typename: 'ended' };
  },
  'over: the access token’s own end': async ({ clock }) => {
    clock.advance(15 * MINUTE + 31_000);
    return { __typename: 'over' };
  },
  'over: the clock set on by a month': async ({ clock }) => {
    clock.advance(31 * DAY);
    return { __typename: 'over' };
  },
};

/** The id of the one passkey or identity of a person. */
async function idOfOnly(server: TestServer, table: 'passkeys' | 'identities', userId: string) {
  const found = await queryDatabase<{ id: string }>(
    server.app.deps.db,
    sql`select id from ${sql.raw(table)} where user_id = ${userId}::uuid`,
  );
  expect(found).toHaveLength(1);
  return found[0]?.id ?? '';
}

/** Acts on a person with an admin token. */
async function byAdministrator(server: TestServer, mutation: string, input: object) {
  const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
  const { data } = await server.admin(document, { input: { ...input, reason: 'test' } }, { token });
  return data[mutation];
}

/** The administrator who acts in a session, and their own session. */
async function impersonatorOf(server: TestServer, { sessionId }: Person) {
  const [row] = await queryDatabase<{ email: string; sessionId: string }>(
    server.app.deps.db,
    sql`select email, impersonator_session_id as "sessionId" from sessions
      join users on users.id = impersonator_id where sessions.id = ${sessionId}`,
  );
  if (!row) throw new Error('Nobody acts in this session.');
  return row;
}

/** Begins with an administrator who acts as a person. */
async function byImpersonation(server: TestServer): Promise<Person> {
  return await impersonate(server, await signUpAdministrator(server), await signUp(server));
}

/** Begins with the only passkey of a person. */
async function byPasskey(server: TestServer): Promise<Person> {
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enroll(server, person, authenticator);
  const { accessToken, refreshToken, viewer } = await signInWithPasskey(server, authenticator);
  return { ...person, accessToken, refreshToken, sessionId: viewer.session.id };
}

/** Begins with a linked account. */
async function byProvider(server: TestServer, provider: ForgingProvider): Promise<Person> {
  const person = await signUp(server);
  const claims = { sub: `sub-of-${person.email}` };
  await roundTrip(server, provider, claims, person.accessToken);
  const begun = await roundTrip(server, provider, claims);
  const { accessToken, refreshToken, viewer } = begun;
  return { ...person, accessToken, refreshToken, sessionId: viewer.session.id };
}

/** How the session began, if not by registering. */
const BEGINNINGS: Readonly<
  Record<string, (server: TestServer, provider: ForgingProvider) => Promise<Person>>
> = {
  'ended: an administrator who acts as the person loses the role': byImpersonation,
  'ended: an administrator who acts as the person is signed out': byImpersonation,
  'PasskeyRemoved: a passkey removed in another session': byPasskey,
  'MfaEnabled: passkeys made a second factor in another session': byPasskey,
  'SecurityChangeUndone: a passkey taken away again': byPasskey,
  'IdentityUnlinked: the linked account it began with, unlinked in another session': byProvider,
  'UserIdentityUnlinked: by an administrator': byProvider,
  'UserPasskeyRemoved: by an administrator': byPasskey,
  'SecondFactorsRemoved: by an administrator': async (server) =>
    await enrollTotp(server, await signUp(server)),
};

describe.each([
  ['by the direct path', true],
  ['through Yoga', false],
] as const)('SE-7, %s', (_, directPath) => {
  const clock = createFakeClock();
  let server: TestServer;
  let provider: ForgingProvider;
  beforeAll(async () => {
    provider = await startForgingProvider(clock);
    const env = { EMAIL_SIGN_IN: 'existing', IMPERSONATION: 'true' };
    server = await startServerWith([provider.setting()], { clock, directPath, env });
  });
  afterAll(async () => {
    await server.close();
    await provider.close();
  });

  const look = async (token: string) => (await server.graphql(VIEWER, undefined, { token })).data;
  const touch = async (token: string) =>
    typeOf(await server.graphql(UPDATE_PROFILE, { input: { name: 'Ada' } }, { token }));

  const expectNobody = async (token: string) => {
    const [seen, done] = await Promise.all([look(token), touch(token)]);
    expect(seen).toEqual({ viewer: null });
    expect(done).toBe('NotAuthenticatedError');
  };

  test.each(Object.keys(ENDINGS))(
    '%s',
    async (name) => {
      const person = await (BEGINNINGS[name]?.(server, provider) ?? signUp(server));
      const { accessToken, userId } = person;
      for (let round = 0; round < 3; round += 1) {
        expect((await look(accessToken)).viewer.user.id).toBe(userId);
        expect(await touch(accessToken)).toBe(
          BEGINNINGS[name] === byImpersonation ? 'ImpersonatedSessionError' : 'ProfileUpdated',
        );
      }
      const ending = await ENDINGS[name]?.({ server, clock, person });
      expect(ending).toMatchObject({ __typename: name.split(':')[0] });
      await expectNobody(accessToken);
    },
    30_000,
  );

  test('a challenge reads nothing and changes nothing before its second factor is proven', async () => {
    const person = await signUp(server);
    const { accessToken } = person;
    await look(accessToken);
    await touch(accessToken);
    const enrolled = await enrollTotp(server, await signIn(server, person));
    // The session from before the factor has ended, and what it was shown is not shown again.
    await expectNobody(accessToken);
    const { challengeToken, ...rest } = await challengeOf(server, enrolled);
    await expectNobody(challengeToken);
    expect(JSON.stringify(rest)).not.toContain(person.userId);
    // The same request, with the challenge where its owner's own session is warm.
    expect((await look(enrolled.accessToken)).viewer.user.id).toBe(person.userId);
    await expectNobody(challengeToken);
  });
});
