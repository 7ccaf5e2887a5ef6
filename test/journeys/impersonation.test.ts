import { randomBytes } from 'node:crypto';
import { isUnionType } from 'graphql';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { PUBLIC_FIELDS } from '../../src/graphql-engine/schema.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/kernel/duration.ts';
import { operations } from '../graphql-engine/schema-inputs.ts';
import { sessionRow } from '../session/rows.ts';
import {
  adminToken,
  giveRole,
  proveSecondFactor,
  signUpAdministrator,
  signUpWithPermissions,
} from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import {
  askFor,
  completeHandover,
  IMPERSONATION,
  impersonate,
  impersonated,
  REASON,
} from '../support/impersonation.ts';
import { LOGIN, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import { publicSchema } from '../support/schema.ts';
import { callAs } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';

const clock = createFakeClock();
const SECRET_KEYS = randomBytes(32).toString('base64');
const test = testWithServer({ clock, env: { ...IMPERSONATION, SECRET_KEYS } });

const LOGOUT = 'mutation { logout { __typename } }';
const VIEWER = `{ viewer { user { id email } mfa { totp backupCodesRemaining } session { id impersonatedBy }
  sessions(first: 100) { edges { node { id impersonatedBy ipAddress userAgent } } }
  securityEvents(first: 5) { edges { node { type ipAddress } } } } }`;

/** What the bearer of a token reads about themselves; null for a stranger. */
const read = async (server: TestServer, { accessToken: token }: Pick<Person, 'accessToken'>) =>
  (await server.graphql(VIEWER, {}, { token })).data.viewer;

const rowsOf = <Row>(server: TestServer, text: string) =>
  queryDatabase<Row>(server.app.deps.db, text);

test('IM-1: the token names the administrator, and the session says that it is one', async ({
  server,
}) => {
  const { administrator, person, acting } = await impersonated(server);
  const { act, sub, sid, amr, roles } = decodeJwt(acting.accessToken);
  expect({ act, sub, sid, amr, roles }).toEqual({
    ...{ act: { sub: administrator.userId }, sub: person.userId, sid: acting.sessionId },
    ...{ amr: ['impersonation'], roles: undefined },
  });
  expect(decodeJwt(person.accessToken)['act']).toBeUndefined();
  const seen = await read(server, acting);
  expect([seen.user.id, seen.session]).toEqual([
    person.userId,
    { id: acting.sessionId, impersonatedBy: 'Latchkey' },
  ]);
  // The person sees it, but neither the administrator nor their address.
  const { sessions, securityEvents } = await read(server, person);
  const listed = sessions.edges.map(({ node }: { node: object }) => node);
  expect(listed.length).toBe(2);
  expect(listed).toContainEqual({
    ...{ id: acting.sessionId, impersonatedBy: 'Latchkey', ipAddress: null, userAgent: null },
  });
  expect(listed).toContainEqual(
    expect.objectContaining({ id: person.sessionId, impersonatedBy: null, ipAddress: '127.0.0.1' }),
  );
  const own = securityEvents.edges.map(({ node }: { node: object }) => node);
  for (const type of ['IMPERSONATION_STARTED', 'IMPERSONATION_REQUESTED'])
    expect(own).toContainEqual({ type, ipAddress: null });
  const events = await rowsOf<{ type: string }>(
    server,
    `select type, actor_id as actor, session_id as session, detail from audit_events
      where user_id = '${person.userId}' and type like 'IMPERSONATION%' order by type`,
  );
  const detail = { by: 'administrator', reason: REASON };
  expect(events).toEqual([
    { type: 'IMPERSONATION_REQUESTED', actor: administrator.userId, session: null, detail },
    {
      type: 'IMPERSONATION_STARTED',
      actor: administrator.userId,
      session: acting.sessionId,
      detail,
    },
  ]);
});

test('IM-1: nothing is left of it as if the person had signed in', async ({ server }) => {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  const stateOf = () =>
    rowsOf(
      server,
      `select users::text, (select count(*) from sign_in_origins where user_id = users.id) origins,
        (select count(*) from access_ledger where user_id = users.id) uses,
        (select count(*) from audit_events where user_id = users.id and type = 'SIGNED_IN') signed_in
        from users where id = '${person.userId}'`,
    );
  const before = await stateOf();
  const mails = server.mails.length;
  const { handoverToken } = await askFor(server, administrator, person);
  const signedIn = await completeHandover(server, handoverToken);
  expect(signedIn).toMatchObject({ __typename: 'SignedIn', deviceToken: null });
  expect(await stateOf()).toEqual(before);
  expect(server.mails.length).toBe(mails);
  expect(await sessionRow(server, signedIn.viewer.session.id)).toMatchObject({
    secondFactorAt: null,
    methods: ['impersonation'],
    identityId: null,
  });
});

test('IM-1: it takes the place of none of the person’s sessions, and no sign-in ends it', async ({
  server,
}) => {
  const { administrator, person, acting } = await impersonated(server);
  for (let n = 1; n < 50; n += 1) {
    clock.advance(SECOND);
    await signIn(server, person);
  }
  await proveSecondFactor(server, administrator);
  const second = await impersonate(server, administrator, person);
  const [counted] = await rowsOf(
    server,
    `select count(impersonator_id)::int as acting, count(*)::int as all from sessions
      where user_id = '${person.userId}' and revoked_at is null`,
  );
  expect(counted).toEqual({ acting: 2, all: 52 });
  for (const session of [person, acting, second])
    expect(await read(server, session)).not.toBeNull();
});

test('IM-1: it lasts an hour, however often it is refreshed, and no token outlives it', async ({
  server,
}) => {
  const { administrator, acting } = await impersonated(server);
  const start = clock.now().getTime();
  const end = Math.floor((start + HOUR) / SECOND);
  let { refreshToken } = acting;
  for (let minutes = 0; minutes < 55; minutes += 5) {
    clock.advance(5 * MINUTE);
    const next = await refresh(server, refreshToken);
    expect(next.__typename).toBe('SignedIn');
    const { exp = 0, act } = decodeJwt(next.accessToken);
    expect(exp).toBeLessThanOrEqual(end);
    expect(act).toEqual({ sub: administrator.userId });
    ({ refreshToken } = next);
  }
  expect((await sessionRow(server, acting.sessionId))?.expiresAt.getTime()).toBe(start + HOUR);
  clock.advance(5 * MINUTE);
  expect((await refresh(server, refreshToken)).__typename).toBe('InvalidTokenError');
});

test('IM-1: it does not outlast the administrator’s session', async ({ server }) => {
  const administrator = await signUpAdministrator(server);
  const soon = new Date(clock.now().getTime() + 20 * MINUTE).toISOString();
  await rowsOf(
    server,
    `update sessions set absolute_expires_at = '${soon}', expires_at = '${soon}'
      where id = '${administrator.sessionId}'`,
  );
  const acting = await impersonate(server, administrator, await signUp(server));
  expect((await sessionRow(server, acting.sessionId))?.expiresAt.toISOString()).toBe(soon);
});

test('IM-1: no chain: whoever acts as an administrator has none of their permissions', async ({
  server,
}) => {
  const { administrator } = await impersonated(server);
  const other = await signUpAdministrator(server);
  const acting = await impersonate(server, administrator, other);
  // Not even with the row of a session that had proven the other’s second factor.
  await proveSecondFactor(server, acting);
  const as = { token: acting.accessToken };
  const { data } = await server.admin('{ caller { permissions } }', {}, as);
  expect(data.caller.permissions).toEqual([]);
  const { errors } = await server.admin('{ roles { name } }', {}, as);
  expect(errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
  expect(await askFor(server, acting, await signUp(server))).toEqual({
    __typename: 'ForbiddenError',
    permission: 'USERS_IMPERSONATE',
  });
});

const signedInFields = operations().filter(
  ({ name }) => !PUBLIC_FIELDS.includes(`Mutation.${name}`) && name !== 'logout',
);

function canAnswer(name: string, member: string): boolean {
  const union = publicSchema().getType(`${name[0]?.toUpperCase()}${name.slice(1)}Result`);
  return isUnionType(union) && union.getTypes().some((type) => type.name === member);
}

/** Every row about a person. */
const everythingAbout = async (server: TestServer, { userId }: Person) => {
  const tables = ['identities', 'passkeys', 'sessions', 'second_factor_failures', 'audit_events'];
  const rows = await Promise.all([
    rowsOf(server, `select users::text from users where id = '${userId}'`),
    ...tables.map((table) =>
      rowsOf(server, `select ${table}::text from ${table} where user_id = '${userId}' order by 1`),
    ),
  ]);
  return JSON.stringify(rows);
};

test('IM-2: every mutation of a signed-in person is refused, and nothing changes', async ({
  server,
}) => {
  const { person, acting } = await impersonated(server);
  const as = { token: acting.accessToken };
  const before = await everythingAbout(server, person);
  const mails = server.mails.length;
  expect(signedInFields.length).toBeGreaterThan(20);
  for (const { name, document, inputs } of signedInFields) {
    const isSensitive = canAnswer(name, 'StepUpRequiredError');
    const query = isSensitive
      ? document.replace('__typename', '__typename ... on StepUpRequiredError { methods }')
      : document;
    for (const input of inputs.length > 0 ? inputs : [undefined]) {
      const { data } = await server.graphql(query, input && { input }, as);
      expect(data[name], name).toMatchObject(
        isSensitive
          ? { __typename: 'StepUpRequiredError', methods: [] }
          : { __typename: 'ImpersonatedSessionError' },
      );
    }
  }
  const start = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) {
    __typename ... on StepUpRequiredError { methods } } }`;
  const input = { provider: 'any', redirectUri: 'http://localhost:4000/oauth/callback' };
  expect(await callAs(server, acting.accessToken, start, input)).toEqual({
    __typename: 'StepUpRequiredError',
    methods: [],
  });
  expect(await everythingAbout(server, person)).toBe(before);
  expect(server.mails.length).toBe(mails);
});

test('IM-2: it can sign out, which ends that session alone', async ({ server }) => {
  const { administrator, person, acting } = await impersonated(server);
  expect((await callAs(server, acting.accessToken, LOGOUT)).__typename).toBe('SignedOut');
  expect(await read(server, acting)).toBeNull();
  expect(await read(server, person)).not.toBeNull();
  expect(await read(server, administrator)).not.toBeNull();
  const [event] = await rowsOf(
    server,
    `select actor_id as actor, detail ->> 'by' as by from audit_events
      where session_id = '${acting.sessionId}' and type = 'IMPERSONATION_ENDED'`,
  );
  expect(event).toEqual({ actor: administrator.userId, by: 'administrator' });
});

test('IM-2: the person ends it like any of their sessions', async ({ server }) => {
  const { person, acting } = await impersonated(server);
  const revoke = `mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename } }`;
  const { sessionId } = acting;
  const { __typename } = await callAs(server, person.accessToken, revoke, { sessionId });
  expect([__typename, await read(server, acting)]).toEqual(['SessionsRevoked', null]);
});

test('IM-2: with MFA_REQUIRED the administrator’s own factor counts', async () => {
  const strict = await startTestServer({ env: { ...IMPERSONATION, MFA_REQUIRED: 'true' } });
  const { person, acting } = await impersonated(strict);
  const seen = await read(strict, acting);
  expect(seen?.user).toEqual({ id: person.userId, email: person.email });
  await strict.close();
});

type Ending = (about: {
  readonly server: TestServer;
  readonly administrator: Person;
}) => Promise<unknown>;

const config = (server: TestServer) => ({ config: server.app.deps.config });

/** What ends the administrator’s right to act as somebody. */
const ENDINGS: Readonly<Record<string, Ending>> = {
  'their sign-out': ({ server, administrator }) =>
    callAs(server, administrator.accessToken, LOGOUT),
  'the end of their session from another one': async ({ server, administrator }) =>
    callAs(
      server,
      (await signIn(server, administrator)).accessToken,
      'mutation { revokeOtherSessions { __typename } }',
    ),
  'their disablement': ({ server, administrator }) =>
    latchkey(`accounts disable ${administrator.email} --yes`, config(server)),
  'the deletion of their account': ({ server, administrator }) =>
    rowsOf(server, `delete from users where id = '${administrator.userId}'`),
  'the loss of the role': ({ server, administrator }) =>
    latchkey(`admins revoke ${administrator.email}`, config(server)),
  'a change of their credentials': ({ server, administrator }) =>
    rowsOf(
      server,
      `update users set credential_version = credential_version + 1
        where id = '${administrator.userId}'`,
    ),
  'an address that is proven no more': ({ server, administrator }) =>
    rowsOf(
      server,
      `update users set email_verified_at = null where id = '${administrator.userId}'`,
    ),
  'the end of their session in time': ({ server, administrator }) =>
    rowsOf(
      server,
      `update sessions set expires_at = '2000-01-01' where id = '${administrator.sessionId}'`,
    ),
};

test.for(Object.entries(ENDINGS))(
  'IM-3: it ends at once with %s: no read, no refresh, no handover, and not in the list',
  async ([, end], { server }) => {
    const { administrator, person, acting } = await impersonated(server);
    const second = await impersonate(server, administrator, person);
    const { handoverToken } = await askFor(server, administrator, person);
    expect(await read(server, acting)).not.toBeNull();
    await end({ server, administrator });
    const listed = (await read(server, person)).sessions.edges;
    expect(listed.map(({ node }: { node: { id: string } }) => node.id)).toEqual([person.sessionId]);
    expect(await read(server, acting)).toBeNull();
    expect((await refresh(server, second.refreshToken)).__typename).toBe('InvalidTokenError');
    expect((await completeHandover(server, handoverToken)).__typename).toBe('InvalidTokenError');
    expect(await read(server, person)).not.toBeNull();
  },
);

test('IM-3: a role without the permission ends it, and granting the permission again does not bring it back', async ({
  server,
}) => {
  const administrator = await signUpWithPermissions(server, 'support', ['USERS_IMPERSONATE']);
  const acting = await impersonate(server, administrator, await signUp(server));
  const setTo = (permissions: string) =>
    rowsOf(
      server,
      `update roles set admin_permissions = '{${permissions}}'::text[] where name = 'support'`,
    );
  await setTo('USERS_READ');
  expect(await read(server, acting)).toBeNull();
  await setTo('USERS_IMPERSONATE');
  expect(await read(server, acting)).toBeNull();
  const row = await sessionRow(server, acting.sessionId);
  expect(row?.revokedBecause).toBe('impersonation-ended');
});

/** Gives an administrator, whose roles were given days ago, a second factor that was enrolled now. */
async function enrollLate(server: TestServer, { userId }: Person): Promise<void> {
  await rowsOf(
    server,
    `update user_roles set granted_at = granted_at - interval '9 days' where user_id = '${userId}'`,
  );
  await rowsOf(
    server,
    `insert into email_factors (user_id, confirmed_at) values ('${userId}', '${clock.now().toISOString()}')`,
  );
}

const LOSSES: Readonly<
  Record<string, (server: TestServer, administrator: Person, person: Person) => Promise<unknown>>
> = {
  'the person is given a permission that the administrator lacks': (server, _, person) =>
    giveRole(server, person, 'deletes', ['USERS_DELETE']),
  'a role of the person gains such a permission': async (server, _, person) => {
    await giveRole(server, person, 'grows');
    await rowsOf(
      server,
      `update roles set admin_permissions = '{USERS_DELETE}' where name = 'grows'`,
    );
  },
  'the second factor of the administrator is younger than their role': (server, administrator) =>
    enrollLate(server, administrator),
};

test.for(Object.entries(LOSSES))(
  'IM-3, AD-3, AD-5: it ends at once when %s',
  async ([, lose], { server }) => {
    const administrator = await signUpWithPermissions(server, 'supporter', ['USERS_IMPERSONATE']);
    const person = await signUp(server);
    const acting = await impersonate(server, administrator, person);
    const second = await impersonate(server, administrator, person);
    await giveRole(server, person, 'supporter');
    expect(await read(server, acting)).not.toBeNull();
    await lose(server, administrator, person);
    expect(await read(server, acting)).toBeNull();
    expect((await refresh(server, second.refreshToken)).__typename).toBe('InvalidTokenError');
    expect((await sessionRow(server, acting.sessionId))?.revokedBecause).toBe(
      'impersonation-ended',
    );
    expect(await read(server, person)).not.toBeNull();
  },
);

test('IM-3: it ends with IMPERSONATION', async ({ server }) => {
  const { acting, administrator, person } = await impersonated(server);
  const second = await impersonate(server, administrator, person);
  const { handoverToken } = await askFor(server, administrator, person);
  const off = await startTestServer({ clock, database: server.database, env: { SECRET_KEYS } });
  expect((await refresh(off, second.refreshToken)).__typename).toBe('InvalidTokenError');
  expect(await read(off, acting)).toBeNull();
  expect((await completeHandover(off, handoverToken)).__typename).toBe('InvalidTokenError');
  expect(await askFor(off, administrator, person)).toMatchObject({ __typename: 'ForbiddenError' });
  await off.app.close();
});

test('DR-5: a deleted administrator is named nowhere, and the person sees that it ended', async ({
  server,
}) => {
  const { administrator, person, acting } = await impersonated(server);
  const { id: token } = await adminToken(server, [], { name: 'kept' });
  const text = `'{"by":"token","token":"kept"}'`;
  await rowsOf(
    server,
    `insert into audit_events (id, type, at, actor_id, user_id, ip_address, request_id, detail)
      values (uuidv7(), 'ACCOUNT_UPDATED', now(), '${token}', '${person.userId}', '192.0.2.9', 'r', ${text})`,
  );
  expect(await read(server, acting)).not.toBeNull();
  const deleted = await server.graphql(
    'mutation { deleteAccount { __typename } }',
    {},
    { token: administrator.accessToken },
  );
  expect(deleted.data.deleteAccount.__typename).toBe('AccountDeleted');
  // As the purge does once nothing can write about the deleted person any more.
  await rowsOf(server, 'delete from audit_erasures');
  expect(await read(server, acting)).toBeNull();
  const events = await rowsOf<{ type: string; actor: string; from: string | null }>(
    server,
    `select type, actor_id as actor, concat(ip_address, user_agent, request_id) as from, detail ->> 'by' as by,
      detail ->> 'reason' as reason from audit_events
      where user_id = '${person.userId}' and (type like 'IMPERSONATION%' or actor_id = '${token}') order by id`,
  );
  const [pseudonym] = await rowsOf<{ id: string }>(
    server,
    `select user_id as id from audit_events where type = 'ACCOUNT_DELETED'`,
  );
  const by = { actor: pseudonym?.id, from: '', by: 'administrator' };
  expect(events).toEqual(
    expect.arrayContaining([
      { type: 'IMPERSONATION_REQUESTED', ...by, reason: REASON },
      { type: 'IMPERSONATION_STARTED', ...by, reason: REASON },
      { type: 'IMPERSONATION_ENDED', ...by, reason: null },
      // A machine's acts are its own, and so is where they came from.
      { type: 'ACCOUNT_UPDATED', actor: token, from: '192.0.2.9r', by: 'token', reason: null },
    ]),
  );
  expect(events).toHaveLength(4);
  const named = await rowsOf<{ n: number }>(
    server,
    `select count(*)::int as n from audit_events where '${administrator.userId}' in (actor_id::text, user_id::text)
      or detail::text like '%${administrator.userId}%'`,
  );
  expect(named).toEqual([{ n: 0 }]);
  expect(await sessionRow(server, acting.sessionId)).toMatchObject({
    ...{ impersonatorId: pseudonym?.id, impersonatorSessionId: null },
    ...{ ipAddress: null, userAgent: null, revokedBecause: 'impersonation-ended' },
  });
});

test('IM-4: a handover token works once, for a minute, and the database has no part of it', async ({
  server,
}) => {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  const { handoverToken } = await askFor(server, administrator, person);
  expect(handoverToken).toMatch(/^lkh_[A-Za-z0-9_-]{43}$/);
  const [row] = await rowsOf<{ text: string }>(
    server,
    `select handovers::text as text from handovers where user_id = '${person.userId}'`,
  );
  const secret = Buffer.from(handoverToken.slice(4), 'base64url').toString('hex');
  for (const part of [handoverToken.slice(4), secret]) expect(row?.text).not.toContain(part);
  expect((await completeHandover(server, handoverToken)).__typename).toBe('SignedIn');
  expect((await completeHandover(server, handoverToken)).__typename).toBe('InvalidTokenError');
  const late = await askFor(server, administrator, person);
  clock.advance(MINUTE);
  expect((await completeHandover(server, late.handoverToken)).__typename).toBe('InvalidTokenError');
  expect(JSON.stringify(server.logged)).not.toContain(handoverToken.slice(4));
});

test('IM-4: of 20 who present one token at once, one gets a session', async ({ server }) => {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  const trials = trialsOr(5);
  for (let trial = 0; trial < trials; trial += 1) {
    const { handoverToken } = await askFor(server, administrator, person);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => completeHandover(server, handoverToken)),
    );
    const won = answers.filter(({ __typename }) => __typename === 'SignedIn');
    expect(won.length).toBe(1);
  }
  const [{ n } = { n: -1 }] = await rowsOf<{ n: number }>(
    server,
    `select count(*)::int as n from sessions where impersonator_id = '${administrator.userId}'`,
  );
  expect(n).toBe(trials);
});

test('IM-4: what was checked for the token is checked again for the session, and the token is then used up', async ({
  server,
}) => {
  const cases: Readonly<Record<string, (administrator: Person, person: Person) => unknown>> = {
    'the second factor is too old': (administrator) =>
      proveSecondFactor(server, administrator, new Date(clock.now().getTime() - DAY)),
    'the person has gained a permission': (_, person) =>
      giveRole(server, person, 'gained', ['USERS_DELETE']),
    'the second factor is younger than the role': (administrator) =>
      enrollLate(server, administrator),
    'the person is disabled': ({ email: _ }, person) =>
      rowsOf(server, `update users set disabled_at = now() where id = '${person.userId}'`),
  };
  for (const [name, change] of Object.entries(cases)) {
    const administrator = await signUpWithPermissions(server, 'helper', ['USERS_IMPERSONATE']);
    const person = await signUp(server);
    const { handoverToken } = await askFor(server, administrator, person);
    await change(administrator, person);
    const { __typename } = await completeHandover(server, handoverToken);
    expect(__typename, name).toBe('InvalidTokenError');
    await proveSecondFactor(server, administrator);
    await rowsOf(server, `delete from email_factors where user_id = '${administrator.userId}'`);
    await rowsOf(server, `delete from user_roles where user_id = '${person.userId}'`);
    await rowsOf(server, `update users set disabled_at = null where id = '${person.userId}'`);
    expect((await completeHandover(server, handoverToken)).__typename, name).toBe(
      'InvalidTokenError',
    );
  }
});

test('IM-4: in cookie mode the session of a signed-in browser is not replaced, and no token is in the answer', async () => {
  const origin = 'https://app.example.com';
  const own = { origin, 'sec-fetch-site': 'same-site', 'x-latchkey-csrf': '1' };
  const env = { PUBLIC_URL: 'https://id.localhost', CORS_ORIGINS: origin, REFRESH_COOKIE: 'true' };
  const cookies = await startTestServer({ env: { ...IMPERSONATION, ...env } });
  const administrator = await signUpAdministrator(cookies);
  const person = await signUp(cookies);
  const { handoverToken } = await askFor(cookies, administrator, person);
  const complete = (headers: Record<string, string>) =>
    cookies.graphql(
      `mutation ($input: CompleteHandoverInput!) { completeHandover(input: $input) {
        __typename ... on SignedIn { refreshToken } ... on InvalidInputError { issues { message } } } }`,
      { input: { handoverToken } },
      { headers },
    );
  const { email, password } = person;
  const signedIn = await cookies.graphql(LOGIN, { input: { email, password } });
  const [cookie = ''] = signedIn.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  const refused = await complete({ ...own, cookie });
  expect(refused.headers.getSetCookie()).toEqual([]);
  expect(refused.data.completeHandover.issues).toEqual([
    { message: 'This browser is signed in. Open a private window, or sign out first.' },
  ]);
  // The token is not used up. A cookie of a session that has ended is in nobody’s way.
  const { accessToken } = signedIn.data.login;
  await callAs(cookies, accessToken, LOGOUT);
  const answer = await complete({ ...own, cookie });
  expect(answer.data.completeHandover).toEqual({ __typename: 'SignedIn', refreshToken: null });
  const names = answer.headers.getSetCookie().map((line) => line.split('=')[0]);
  expect(names).toEqual(['__Host-latchkey_refresh']);
  await cookies.close();
});

test('IM-4: administrators who act on each other at once never deadlock', async ({ server }) => {
  const [one, other] = [await signUpAdministrator(server), await signUpAdministrator(server)];
  const rounds = trialsOr(10);
  for (let round = 0; round < rounds; round += 1) {
    const asked = await Promise.all([askFor(server, one, other), askFor(server, other, one)]);
    const answers = await Promise.all([
      ...asked.map(({ handoverToken }) => completeHandover(server, handoverToken)),
      askFor(server, one, other),
      askFor(server, other, one),
    ]);
    expect(answers.map(({ __typename }) => __typename)).toEqual([
      ...['SignedIn', 'SignedIn', 'HandoverIssued', 'HandoverIssued'],
    ]);
  }
});
