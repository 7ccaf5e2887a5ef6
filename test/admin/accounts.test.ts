import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { newId } from '../../src/kernel/id.ts';
import {
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_RESET,
  RESET,
} from '../journeys/account-care.ts';
import { adminToken, signUpAdministrator } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, REGISTER, refresh, signIn, signUp } from '../support/journeys.ts';
import { authenticatorFor, enroll, signInWithPasskey } from '../support/passkeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { challengeOf, enrollTotp } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer({
  env: { CLAIMS: '{"plan":"$attributes.plan"}', CLAIMS_MAX_BYTES: '256' },
});

let administrator: Person;
test.beforeAll(async ({ server }) => {
  administrator = await signUpAdministrator(server);
});

const USER = `user { id name attributes disabledAt hasPassword mfa { enabled } passkeys { id }
  identities { id } }`;

/** What the acts write into the row of a person. */
async function rowOf(server: TestServer, userId: string) {
  const [row] = await queryDatabase(
    server.app.deps.db,
    sql`select name, picture, locale, external_id as "externalId", attributes,
      disabled_reason as "disabledReason", claims_version as "claimsVersion"
      from users where id = ${userId}::uuid`,
  );
  return row;
}

/** The answer of an act, by the administrator unless another token is given. */
async function act(
  server: TestServer,
  mutation: string,
  input: object,
  fields = '',
  token = administrator.accessToken,
) {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { data } = await server.admin(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename ${fields}
      ... on InvalidInputError { issues { path } } } }`,
    { input },
    { token },
  );
  return data[mutation];
}

const login = async (server: TestServer, { email, password }: Person): Promise<string> =>
  (await server.graphql(LOGIN, { input: { email, password } })).data.login.__typename;

/** The newest event of a type about a person, as the audit log has it. */
async function eventOf(server: TestServer, { userId }: Pick<Person, 'userId'>, type: string) {
  const [row] = await queryDatabase<{ actorId: string; detail: Record<string, unknown> }>(
    server.app.deps.db,
    sql`select actor_id as "actorId", detail from audit_events
      where user_id = ${userId}::uuid and type = ${type} order by id desc limit 1`,
  );
  return row;
}

const countEvents = async (server: TestServer, type: string): Promise<number> =>
  (await queryDatabase(server.app.deps.db, sql`select 1 from audit_events where type = ${type}`))
    .length;

async function linkIdentity(server: TestServer, { userId, sessionId }: Person): Promise<string> {
  const id = newId(server.app.deps);
  const { db } = server.app.deps;
  await queryDatabase(
    db,
    sql`insert into identities (id, user_id, issuer, subject, linked_at)
      values (${id}::uuid, ${userId}::uuid, 'https://idp.example', ${id}, now())`,
  );
  await queryDatabase(
    db,
    sql`update sessions set identity_id = ${id}::uuid where id = ${sessionId}::uuid`,
  );
  return id;
}

test('AD-6: a disabled account gives no access, again is the same answer, and enabling gives it back without the sessions', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId } = person;
  const fields = `... on UserDisabled { sessionsRevoked ${USER} }`;
  const first = await act(server, 'disableUser', { userId, reason: 'ticket 7' }, fields);
  expect(first).toMatchObject({
    __typename: 'UserDisabled',
    sessionsRevoked: 1,
    user: { id: userId, disabledAt: expect.any(String) },
  });
  expect(await rowOf(server, userId)).toMatchObject({ disabledReason: 'ticket 7' });
  expect(await isSignedIn(server, person)).toBe(false);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  expect(await login(server, person)).toBe('InvalidCredentialsError');
  const event = await eventOf(server, person, 'ACCOUNT_DISABLED');
  expect(event).toEqual({
    actorId: administrator.userId,
    detail: { by: 'administrator', reason: 'ticket 7' },
  });
  const events = await countEvents(server, 'ACCOUNT_DISABLED');
  const again = await act(server, 'disableUser', { userId, reason: 'another' }, fields);
  expect(again).toEqual({ ...first, sessionsRevoked: 0 });
  expect(await rowOf(server, userId)).toMatchObject({ disabledReason: 'ticket 7' });
  expect(await countEvents(server, 'ACCOUNT_DISABLED')).toBe(events);

  for (const _ of ['once', 'again']) {
    const enabled = await act(
      server,
      'enableUser',
      { userId, reason: 'checked' },
      `... on UserEnabled { ${USER} }`,
    );
    expect(enabled.user).toMatchObject({ disabledAt: null });
    expect(await rowOf(server, userId)).toMatchObject({ disabledReason: null });
  }
  expect(await countEvents(server, 'ACCOUNT_ENABLED')).toBe(1);
  expect(await isSignedIn(server, person)).toBe(false);
  const back = await signIn(server, person);
  const own = await server.graphql(
    '{ viewer { securityEvents(first: 9) { edges { node { type ipAddress } } } } }',
    {},
    { token: back.accessToken },
  );
  // The person sees the act, and nothing of where the administrator was.
  expect(own.data.viewer.securityEvents.edges).toContainEqual({
    node: { type: 'ACCOUNT_DISABLED', ipAddress: null },
  });
  expect(own.text).not.toContain('ticket 7');
});

test('CL-3: updateUser changes what is named, null removes, and attributes that no token can carry are refused', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId } = person;
  const update = (input: object) =>
    act(server, 'updateUser', { userId, ...input }, `... on UserUpdated { ${USER} }`);
  const attributes = { plan: 'pro', note: { a: 1 } };
  const values = {
    ...{ name: 'Ada', picture: 'https://example.com/a.png', locale: 'EN-us' },
    ...{ attributes, externalId: 'auth0|7' },
  };
  const first = await update(values);
  expect(first.user).toMatchObject({ name: 'Ada', attributes });
  const written = { ...values, locale: 'en-US', claimsVersion: 2 };
  expect(await rowOf(server, userId)).toMatchObject(written);
  expect(await isSignedIn(server, person)).toBe(true);
  expect((await eventOf(server, person, 'ACCOUNT_UPDATED'))?.detail).toEqual({
    by: 'administrator',
    changed: 'name picture locale externalId attributes',
  });
  const events = await countEvents(server, 'ACCOUNT_UPDATED');
  // The same in another order, and nothing: no write.
  expect((await update({ attributes: { note: { a: 1 }, plan: 'pro' } })).user).toEqual(first.user);
  expect((await update({})).user).toEqual(first.user);
  expect(await rowOf(server, userId)).toMatchObject(written);
  expect(await countEvents(server, 'ACCOUNT_UPDATED')).toBe(events);
  // The object is replaced, not merged.
  expect((await update({ attributes: { plan: 'free' } })).user.attributes).toEqual({
    plan: 'free',
  });
  const refused = await update({ attributes: { plan: 'x'.repeat(300) }, name: 'Eve' });
  expect(refused).toEqual({
    __typename: 'InvalidInputError',
    issues: [{ path: ['input', 'attributes'] }],
  });
  // What no claim names may be larger than a token.
  expect((await update({ attributes: { note: 'x'.repeat(300) } })).__typename).toBe('UserUpdated');
  const nothing = { name: null, picture: null, locale: null, externalId: null };
  expect((await update({ ...nothing, attributes: null })).user).toMatchObject({ attributes: {} });
  const emptied = { ...nothing, attributes: {}, claimsVersion: 5 };
  expect(await rowOf(server, userId)).toMatchObject(emptied);
});

test('DR-4: of four accounts that get one external id at once, one has it', async ({ server }) => {
  const people = await Promise.all(Array.from({ length: 4 }, () => signUp(server)));
  for (let round = 0; round < 5; round += 1) {
    const externalId = `legacy-${round}`;
    const answers = await Promise.all(
      people.map(({ userId }) => act(server, 'updateUser', { userId, externalId })),
    );
    const types = answers.map(({ __typename }) => __typename).sort();
    expect(types).toEqual(['ConflictError', 'ConflictError', 'ConflictError', 'UserUpdated']);
  }
});

test('MF-7: removed second factors end every session, and the mail says who, without a link that undoes it', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  const removed = await act(
    server,
    'removeSecondFactors',
    { userId: person.userId, reason: 'lost phone' },
    `... on SecondFactorsRemoved { ${USER} }`,
  );
  expect(removed.user).toMatchObject({ mfa: { enabled: false }, hasPassword: true });
  expect(challengeToken).toEqual(expect.any(String));
  expect(await isSignedIn(server, person)).toBe(false);
  expect(await login(server, person)).toBe('SignedIn');
  const mail = await mailTitled(server, person.email, 'Two-step verification method removed');
  expect(mail.text).toContain('by an administrator');
  expect(mail.text).not.toContain('IP address');
  expect([mail.token, mail.text.includes(administrator.email)]).toEqual(['', false]);
  const kept = await queryDatabase(
    server.app.deps.db,
    sql`select 1 from removed_credentials where user_id = ${person.userId}::uuid`,
  );
  expect(kept).toEqual([]);
});

test('OA-11, PR-12: a passkey and an identity are removed for good, and never the last way in', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId } = person;
  const authenticator = authenticatorFor(server);
  const { passkey } = await enroll(server, person, authenticator);
  const { db } = server.app.deps;
  await queryDatabase(db, sql`update users set password_hash = null where id = ${userId}::uuid`);
  const remove = () =>
    act(
      server,
      'removeUserPasskey',
      { userId, passkeyId: passkey.id, reason: 'stolen key' },
      `... on UserPasskeyRemoved { ${USER} }`,
    );
  expect((await remove()).__typename).toBe('LastCredentialError');
  const identityId = await linkIdentity(server, person);
  // An identity of a provider that is not configured is no way in.
  expect((await remove()).__typename).toBe('LastCredentialError');
  expect((await signInWithPasskey(server, authenticator)).__typename).toBe('SignedIn');
  await queryDatabase(db, sql`update users set password_hash = 'x' where id = ${userId}::uuid`);
  expect((await remove()).user.passkeys).toEqual([]);
  expect(await isSignedIn(server, person)).toBe(false);
  expect((await signInWithPasskey(server, authenticator)).__typename).toBe('InvalidPasskeyError');
  expect((await remove()).__typename).toBe('NotFoundError');
  const unlink = (id: string) =>
    act(
      server,
      'unlinkUserIdentity',
      { userId, identityId: id, reason: 'not theirs' },
      `... on UserIdentityUnlinked { ${USER} }`,
    );
  const another = await signUp(server);
  const foreign = await linkIdentity(server, another);
  expect((await unlink(foreign)).__typename).toBe('NotFoundError');
  expect((await unlink(identityId)).user.identities).toEqual([]);
  for (const title of ['A passkey was removed from your account', 'was unlinked from']) {
    const found = await mailTitledLike(server, person.email, title);
    expect(found).toContain('by an administrator');
    expect(found).not.toContain('undo');
  }
  const kept = await queryDatabase(
    db,
    sql`select 1 from removed_credentials where user_id = ${userId}::uuid`,
  );
  expect(kept).toEqual([]);
});

async function mailTitledLike(server: TestServer, to: string, title: string): Promise<string> {
  const mail = server.mails.find((one) => one.to === to && one.subject.includes(title));
  if (mail) return mail.text;
  await server.mailTo(to, server.mails.filter((one) => one.to === to).length + 1);
  return await mailTitledLike(server, to, title);
}

test('SE-10: an administrator who unlinks an identity ends the sessions that began with it, and no other', async ({
  server,
}) => {
  const person = await signUp(server);
  const other = await signIn(server, person);
  const identityId = await linkIdentity(server, person);
  const { userId } = person;
  await act(server, 'unlinkUserIdentity', { userId, identityId, reason: 'not theirs' });
  expect([await isSignedIn(server, person), await isSignedIn(server, other)]).toEqual([
    false,
    true,
  ]);
});

test('AD-4: a reset is mailed to the person and to nobody else: the link sets a password, and the caller sees none of it', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId, email } = person;
  await server.graphql(REQUEST_RESET, { input: { email } });
  const own = await mailTitled(server, email, 'Reset your password');
  const send = (reason = 'asked by phone') =>
    act(server, 'sendPasswordReset', { userId, reason }, '... on PasswordResetSent { at }');
  const sent = await send();
  expect(Object.keys(sent).sort()).toEqual(['__typename', 'at']);
  const mail = await mailTitled(server, email, 'Choose a new password');
  expect(mail.code).toBe('');
  const reset = async (token: string) => {
    const input = { proof: { token }, newPassword: NEW_PASSWORD };
    return (await server.graphql(RESET, { input })).data.resetPassword.__typename;
  };
  expect(await reset(mail.token)).toBe('PasswordChanged');
  // The mail that the person had requested ended with the password of that time.
  expect(await reset(own.token)).toBe('InvalidTokenError');
  expect(await reset(mail.token)).toBe('InvalidTokenError');
  // A stolen admin token floods no mailbox.
  const answers: string[] = [];
  for (let n = 0; n < 8; n += 1) answers.push((await send()).__typename);
  expect(answers.at(-1)).toBe('RateLimitedError');
  await act(server, 'disableUser', { userId, reason: 'gone' });
  const limits = { email, reason: 'test' };
  const names = (await act(server, 'resetLimits', limits, '... on LimitsReset { limits }')).limits;
  expect(names).toContain('mail.burst');
  expect(await send()).toEqual({
    __typename: 'InvalidInputError',
    issues: [{ path: ['input', 'userId'] }],
  });
});

test('PR-11: a verification is mailed again to a waiting registration, with a link and no code', async ({
  server,
}) => {
  const email = 'waiting@example.com';
  const resend = async (to: string) =>
    (await act(server, 'resendVerification', { email: to })).__typename;
  expect(await resend(email)).toBe('NotFoundError');
  await server.graphql(REGISTER, { input: { email, password: NEW_PASSWORD } });
  await server.mailTo(email, 1);
  expect(await resend('WAITING@example.com')).toBe('VerificationSent');
  const { code, token, text } = await server.mailTo(email, 2);
  expect([code, token === '', text.includes('by an administrator')]).toEqual(['', false, true]);
  const verified = await signUp(server);
  expect(await resend(verified.email)).toBe('NotFoundError');
  const sent = await queryDatabase<{ detail: object }>(
    server.app.deps.db,
    sql`select detail from audit_events where type = 'EMAIL_VERIFICATION_SENT'
      and actor_id = ${administrator.userId}::uuid`,
  );
  expect(sent).toEqual([{ detail: { by: 'administrator' } }]);
  // An account whose address is not verified: an act on that person.
  await queryDatabase(
    server.app.deps.db,
    sql`update users set email_verified_at = null where id = ${verified.userId}::uuid`,
  );
  expect(await resend(verified.email)).toBe('VerificationSent');
});

test('O-2: limits of an address and a source are reset together, and neither is InvalidInputError', async ({
  server,
}) => {
  const person = await signUp(server);
  const wrong = { ...person, password: 'not the password' };
  for (let n = 0; n < 3; n += 1) await login(server, wrong);
  const reset = (input: object) =>
    act(server, 'resetLimits', { reason: 'ticket 7', ...input }, '... on LimitsReset { limits }');
  const both = await reset({ email: person.email, ipAddress: '127.0.0.1' });
  expect(both.limits).toEqual(expect.arrayContaining(['sign-in.account', 'sign-in.source']));
  expect((await reset({ email: person.email })).limits).toEqual([]);
  expect((await reset({})).issues).toEqual([{ path: ['input'] }]);
  for (const ipAddress of ['localhost', '127.0.0.1/8', '999.1.1.1', ''])
    expect((await reset({ ipAddress })).issues).toEqual([{ path: ['input', 'ipAddress'] }]);
  expect((await eventOf(server, person, 'RATE_LIMITS_RESET'))?.detail).toMatchObject({
    by: 'administrator',
    reason: 'ticket 7',
  });
});

test('SE-4: sessions end by id or all of them; an empty list and another person’s session end none', async ({
  server,
}) => {
  const person = await signUp(server);
  const [second, third] = [await signIn(server, person), await signIn(server, person)];
  const stranger = await signUp(server);
  const { userId } = person;
  const revoke = async (sessionIds?: readonly string[] | null) => {
    const input = {
      userId,
      reason: 'lost laptop',
      ...(sessionIds !== undefined && { sessionIds }),
    };
    const fields = '... on UserSessionsRevoked { count }';
    return (await act(server, 'revokeUserSessions', input, fields)).count;
  };
  expect(await revoke([])).toBe(0);
  expect(await revoke([stranger.sessionId, 'x', administrator.sessionId])).toBe(0);
  expect(await revoke([second.sessionId, second.sessionId])).toBe(1);
  const live = () =>
    Promise.all([person, second, third, stranger].map((one) => isSignedIn(server, one)));
  expect(await live()).toEqual([true, false, true, true]);
  expect(await revoke(null)).toBe(2);
  expect(await live()).toEqual([false, false, false, true]);
  expect(await revoke()).toBe(0);
  expect(await countEvents(server, 'SESSIONS_REVOKED')).toBe(2);
  expect(await isSignedIn(server, administrator)).toBe(true);
});

test('DR-5: a deleted account leaves its events without its name, and a last mail', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId, email } = person;
  const machine = await adminToken(server, ['USERS_DELETE'], { name: 'gdpr desk' });
  const reason = { userId, reason: 'request 12' };
  const deleted = await act(
    server,
    'deleteUser',
    reason,
    '... on UserDeleted { at }',
    machine.token,
  );
  expect(deleted).toEqual({ __typename: 'UserDeleted', at: expect.any(String) });
  expect(await isSignedIn(server, person)).toBe(false);
  expect(await login(server, person)).toBe('InvalidCredentialsError');
  expect((await act(server, 'deleteUser', reason)).__typename).toBe('NotFoundError');
  const mail = await mailTitled(server, email, 'Your account was deleted');
  expect(mail.text).not.toContain('gdpr desk');
  const rows = await queryDatabase<{ userId: string; actorId: string; detail: object }>(
    server.app.deps.db,
    sql`select user_id as "userId", actor_id as "actorId", detail from audit_events
      where type = 'ACCOUNT_DELETED'`,
  );
  expect(rows).toEqual([
    {
      userId: expect.not.stringContaining(userId),
      actorId: machine.id,
      detail: { by: 'token', token: 'gdpr desk', reason: 'request 12' },
    },
  ]);
});

test('AD-3: whoever may not act on a person uses up none of the mails of those who may', async ({
  server,
}) => {
  const mightier = await signUpAdministrator(server);
  const weak = await adminToken(server, ['USERS_WRITE'], { name: 'help desk' });
  const input = { userId: mightier.userId, reason: 'locked out' };
  for (let n = 0; n < 8; n += 1) {
    const refused = await act(server, 'sendPasswordReset', input, '', weak.token);
    expect(refused.__typename).toBe('ForbiddenError');
  }
  expect((await act(server, 'sendPasswordReset', input)).__typename).toBe('PasswordResetSent');
});

test('AD-6: an act of an administrator is no routine event, whatever it is of the person themselves', async ({
  server,
}) => {
  const { userId, email } = await signUp(server);
  await queryDatabase(
    server.app.deps.db,
    sql`update users set email_verified_at = null where id = ${userId}::uuid`,
  );
  await act(server, 'resendVerification', { email });
  const rows = await queryDatabase<{ routine: boolean }>(
    server.app.deps.db,
    sql`select routine from audit_events where user_id = ${userId}::uuid
      and type = 'EMAIL_VERIFICATION_SENT'`,
  );
  expect([...rows]).toEqual([{ routine: false }]);
});
