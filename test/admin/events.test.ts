import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { AUDIT_TYPES, EVENT_TYPES } from '../../src/audit/event-type.ts';
import { SCANNED } from '../../src/audit/search.ts';
import { build } from '../../src/db/statement.ts';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { after, DAY, MINUTE } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import {
  adminToken,
  signUpAdministrator,
  signUpWithPermissions,
} from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const EVENTS = `query ($filter: EventFilter, $first: Int, $after: String) {
  events(filter: $filter, first: $first, after: $after) {
    edges { cursor node {
      id type at userId email actor { kind id name } ipAddress userAgent requestId reason
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;

type Filter = Readonly<Record<string, unknown>>;

let reader: string;
test.beforeAll(async ({ server }) => {
  ({ token: reader } = await adminToken(server, ['EVENTS_READ', 'USERS_READ']));
});

async function pageOf(server: TestServer, filter: Filter | null, page: object = {}) {
  const answer = await server.admin(EVENTS, { filter, ...page }, { token: reader });
  if (!answer.data)
    throw new Error(
      answer.text + JSON.stringify(server.logged.findLast(({ level }) => level === 'error')),
    );
  const { edges, pageInfo } = answer.data.events;
  return { nodes: edges.map((edge: { node: object }) => edge.node), edges, pageInfo };
}

/** Follows the cursors to the end. */
async function allOf(server: TestServer, filter: Filter | null, first = 100) {
  const found = [];
  let after: string | null = null;
  for (let pages = 1; ; pages += 1) {
    const page = await pageOf(server, filter, { first, after });
    found.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return { found, pages };
    after = page.pageInfo.endCursor;
    expect(after).not.toBeNull();
  }
}

type Row = Partial<Omit<typeof auditEvents.$inferInsert, 'type' | 'at'>> & { type?: string };

const random = { bytes: (length: number) => randomBytes(length) };

/** Writes events of these moments, past the server. */
async function write(server: TestServer, events: readonly (Row & { readonly at: Date })[]) {
  const rows = events.map((event) => ({
    id: newId({ clock: { now: () => event.at }, random }),
    type: 'SIGNED_IN',
    detail: {},
    ...event,
  }));
  for (let from = 0; from < rows.length; from += 1_000) {
    await queryDatabase(
      server.app.deps.db,
      build.insert(auditEvents).values(rows.slice(from, from + 1_000)),
    );
  }
  return rows.map(({ id }) => id);
}

const someId = () => newId({ clock: { now: () => new Date() }, random });
const idsOf = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id);
const newestFirst = (ids: readonly string[]) => [...ids].sort().reverse();

test('AD-6: an act names who did it, for whom, from where and why', async ({ server }) => {
  const person = await signUp(server, { email: 'subject@example.com' });
  const administrator = await signUpAdministrator(server);
  const put = `mutation ($input: PutRoleInput!) { putRole(input: $input) { __typename } }`;
  await server.admin(
    put,
    { input: { name: 'seen', permissions: [] } },
    { token: administrator.accessToken, address: '192.0.2.9', headers: { 'user-agent': 'desk' } },
  );
  const machine = await adminToken(server, ['ROLES_WRITE'], { name: 'robot' });
  const byMachine = { input: { name: 'seen', permissions: ['x'] } };
  await server.admin(put, byMachine, { token: machine.token });
  await latchkey(`accounts disable ${person.email} --yes`, { config: server.app.deps.config });
  await server.graphql(LOGIN, { input: { email: person.email, password: 'wrong password' } });

  const roles = await pageOf(server, { types: ['ROLE_SAVED'], actorId: administrator.userId });
  expect(roles.nodes).toEqual([
    expect.objectContaining({
      type: 'ROLE_SAVED',
      userId: null,
      email: null,
      actor: { kind: 'ADMINISTRATOR', id: administrator.userId, name: administrator.email },
      ipAddress: '192.0.2.9',
      userAgent: 'desk',
      requestId: expect.stringMatching(/./),
      reason: null,
    }),
  ]);
  const token = await pageOf(server, { actorId: machine.id });
  expect(token.nodes.map(({ type, actor }: never) => ({ type, actor }))).toEqual([
    { type: 'ROLE_SAVED', actor: { kind: 'TOKEN', id: machine.id, name: 'robot' } },
  ]);
  const own = await pageOf(server, { userId: person.userId });
  const kinds = own.nodes.map(
    ({ type, actor }: { type: string; actor: { kind: string } | null }) => [
      type,
      actor?.kind ?? null,
    ],
  );
  expect(kinds).toEqual([
    ['SIGN_IN_FAILED', null],
    ['ACCOUNT_DISABLED', 'COMMAND_LINE'],
    ['SIGNED_IN', 'PERSON'],
    ['EMAIL_VERIFIED', 'PERSON'],
    ['ACCOUNT_CREATED', 'PERSON'],
  ]);
  expect(own.nodes[0]).toMatchObject({ email: person.email, reason: 'disabled' });
});

test('AD-2: a machine without EVENTS_READ sees no event, not even those of a person that it may read', async ({
  server,
}) => {
  const helper = await signUpWithPermissions(server, 'helpers', ['USERS_READ']);
  for (const query of ['{ events { edges { node { id } } } }', '{ roles { name } }']) {
    const { data, errors } = await server.admin(query, {}, { token: helper.accessToken });
    if (query.includes('roles')) expect(errors).toEqual([]);
    else {
      expect(data).toBeNull();
      expect(errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
    }
  }
});

test('AD-7: each filter finds exactly its events, newest first, in pages without gap and repetition', async ({
  server,
}) => {
  const [mine, theirs] = [someId(), someId()];
  const start = after(new Date(), -2 * DAY);
  const at = (n: number) => after(start, n * MINUTE);
  const ids = await write(
    server,
    Array.from({ length: 60 }, (_, n) => ({
      at: at(n),
      type: ['SIGNED_IN', 'SIGN_IN_FAILED', 'SIGNED_OUT'][n % 3] ?? '',
      userId: n % 2 ? mine : theirs,
      actorId: n % 5 === 0 ? theirs : n % 2 ? mine : theirs,
      ipAddress: n % 4 === 0 ? '2001:db8::1' : '198.51.100.7',
    })),
  );
  const expected = (keep: (n: number) => boolean) => newestFirst(ids.filter((_, n) => keep(n)));
  const within = { after: at(0), before: at(60) };
  const cases: readonly [Filter, (n: number) => boolean][] = [
    [within, () => true],
    [{ ...within, types: ['SIGNED_OUT'] }, (n) => n % 3 === 2],
    [{ ...within, types: ['SIGNED_OUT', 'SIGNED_IN', 'SIGNED_OUT'] }, (n) => n % 3 !== 1],
    [{ userId: mine }, (n) => n % 2 === 1],
    [{ actorId: theirs }, (n) => n % 5 === 0 || n % 2 === 0],
    [{ actorId: mine }, (n) => n % 2 === 1 && n % 5 !== 0],
    [{ ...within, ipAddress: '2001:DB8:0::1' }, (n) => n % 4 === 0],
    [{ userId: mine, actorId: theirs }, (n) => n % 2 === 1 && n % 5 === 0],
    [{ userId: mine, types: ['SIGNED_IN'], ipAddress: '198.51.100.7' }, (n) => n % 6 === 3],
    [{ actorId: theirs, types: ['SIGNED_IN'] }, (n) => n % 3 === 0 && (n % 5 === 0 || n % 2 === 0)],
    [{ userId: mine, after: at(10), before: at(21) }, (n) => n % 2 === 1 && n >= 10 && n < 21],
    [{ userId: mine, types: [] }, () => false],
    [{ userId: 'nobody' }, () => false],
    [{ ...within, actorId: "' or true --" }, () => false],
  ];
  for (const [filter, keep] of cases) {
    const label = JSON.stringify(filter);
    expect(idsOf((await allOf(server, filter, 7)).found), label).toEqual(expected(keep));
    expect(idsOf((await allOf(server, filter)).found), label).toEqual(expected(keep));
  }
});

test('AD-7: at 100 of 101 events a page says that there is another one', async ({ server }) => {
  const userId = someId();
  const at = after(new Date(), -DAY);
  const ids = await write(
    server,
    Array.from({ length: 101 }, () => ({ at, userId })),
  );
  const page = await pageOf(server, { userId }, { first: 100 });
  expect(page.nodes).toHaveLength(100);
  expect(page.pageInfo.hasNextPage).toBe(true);
  const rest = await pageOf(server, { userId }, { first: 100, after: page.pageInfo.endCursor });
  expect(idsOf([...page.nodes, ...rest.nodes])).toEqual(newestFirst(ids));
  expect(rest.pageInfo.hasNextPage).toBe(false);
});

test('AD-7: a rare event among more than a page may read is found, and no page ends the list silently', async ({
  server,
}) => {
  const [userId, other] = [someId(), someId()];
  const start = after(new Date(), -3 * DAY);
  const many = 2 * SCANNED + 10;
  await queryDatabase(
    server.app.deps.db,
    sql`insert into audit_events (id, type, at, user_id, actor_id, detail)
      select (lpad(to_hex(ms), 12, '0') || '7000' || '8' || substr(md5(n::text), 1, 15))::uuid, 'SIGNED_IN',
        to_timestamp(ms / 1000.0), ${userId}::uuid, ${other}::uuid, '{}'
      from generate_series(1, ${many}::int) as n
      cross join lateral (select ${start.getTime()}::bigint + n * 10 as ms)`,
  );
  // One that the first page reads, and one behind everything; and an act on nobody, in between.
  const own = { userId, actorId: userId, type: 'PASSWORD_RESET' };
  const [near = '', far = '', act = ''] = await write(server, [
    { ...own, at: after(start, (many - 5) * 10) },
    { ...own, at: start },
    { at: after(start, 5), userId: null, actorId: userId, type: 'ROLE_SAVED' },
  ]);
  const first = await pageOf(server, { userId, types: ['PASSWORD_RESET'] }, { first: 5 });
  expect(idsOf(first.nodes)).toEqual([near]);
  expect(first.pageInfo.hasNextPage).toBe(true);
  const all = await allOf(server, { userId, types: ['PASSWORD_RESET'] }, 5);
  expect(idsOf(all.found)).toEqual([near, far]);
  expect(all.pages).toBe(3);
  // Two reads are merged: an event of one is not shown before the other has read as far.
  const merged = await allOf(server, { actorId: userId }, 2);
  expect(idsOf(merged.found)).toEqual([near, act, far]);
});

test('AD-7: events of a newer release are left out, and the page has others in their place', async ({
  server,
}) => {
  const userId = someId();
  const start = after(new Date(), -DAY);
  const ids = await write(
    server,
    Array.from({ length: 30 }, (_, n) => ({
      at: after(start, n),
      userId,
      type: n % 3 === 0 ? 'OF_NEXT_YEAR' : 'SIGNED_OUT',
    })),
  );
  const known = newestFirst(ids.filter((_, n) => n % 3 !== 0));
  const page = await pageOf(server, { userId }, { first: 10 });
  expect(idsOf(page.nodes)).toEqual(known.slice(0, 10));
  expect(idsOf((await allOf(server, { userId }, 10)).found)).toEqual(known);
});

test('AD-7: a cursor of another filter, an invented one and a page too large are refused', async ({
  server,
}) => {
  await signUp(server);
  const { pageInfo } = await pageOf(server, null, { first: 1 });
  const refused = async (variables: object) => {
    const { data, errors } = await server.admin(EVENTS, variables, { token: reader });
    expect(data).toBeNull();
    return errors[0]?.extensions?.['code'];
  };
  const { endCursor } = pageInfo;
  expect(await refused({ after: endCursor, filter: { types: ['SIGNED_IN'] } })).toBe(
    'BAD_USER_INPUT',
  );
  expect(await refused({ after: someId() })).toBe('BAD_USER_INPUT');
  expect(await refused({ first: 101 })).toBe('BAD_USER_INPUT');
  expect(await refused({ first: 0 })).toBe('BAD_USER_INPUT');
  expect(await refused({ filter: { ipAddress: 'here' } })).toBe('BAD_USER_INPUT');
});

test('DR-5: the events of a deleted person lead to no address', async ({ server }) => {
  const person = await signUp(server);
  const of = async () =>
    (await pageOf(server, { types: ['EMAIL_VERIFIED'] }, { first: 1 })).nodes[0];
  expect(await of()).toMatchObject({ userId: person.userId, email: person.email });
  await server.graphql(
    `mutation { deleteAccount { __typename } }`,
    {},
    { token: person.accessToken },
  );
  expect(await of()).toMatchObject({ email: null, ipAddress: null });
  expect((await of()).userId).not.toBe(person.userId);
});

test('AD-6: deleting an account does not remove what an administrator did to it, nor make their acts the person’s', async ({
  server,
}) => {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  const { email, userId } = person;
  await server.graphql(LOGIN, { input: { email, password: 'wrong password of a stranger' } });
  for (const [name, type, reason] of [
    ['removeSecondFactors', 'RemoveSecondFactorsInput', 'ticket 7'],
    ['disableUser', 'DisableUserInput', 'ticket 8'],
    ['deleteUser', 'DeleteUserInput', 'ticket 9'],
  ]) {
    const document = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
    const token = administrator.accessToken;
    await server.admin(document, { input: { userId, reason } }, { token });
  }
  const [deleted] = (await pageOf(server, { types: ['ACCOUNT_DELETED'] }, { first: 1 })).nodes;
  const { found } = await allOf(server, { userId: deleted.userId });
  const of = (wanted: string) => found.find(({ type }) => type === wanted);
  const actor = { kind: 'ADMINISTRATOR', id: administrator.userId, name: administrator.email };
  const kept = { actor, ipAddress: '127.0.0.1', requestId: expect.any(String) };
  expect(of('ACCOUNT_DELETED')).toMatchObject({ ...kept, reason: 'ticket 9' });
  expect(of('ACCOUNT_DISABLED')).toMatchObject({ ...kept, reason: 'ticket 8' });
  const erased = { ipAddress: null, userAgent: null, requestId: null, reason: null };
  expect(of('SIGN_IN_FAILED')).toMatchObject({ ...erased, actor: null });
  const themselves = { kind: 'PERSON', id: deleted.userId, name: null };
  expect(of('EMAIL_VERIFIED')).toMatchObject({ ...erased, actor: themselves });
  // Only that an act was an administrator's, whose, and why: what it changed was the person's.
  const details = await queryDatabase<{ keys: string[] }>(
    server.app.deps.db,
    sql`select array(select jsonb_object_keys(detail) order by 1) as keys from audit_events
      where user_id = ${deleted.userId}::uuid and type = 'ACCOUNT_DISABLED'`,
  );
  expect(details).toEqual([{ keys: ['by', 'reason'] }]);
});

test('the administrators’ enum has every value of the public one, and the acts on no account', async ({
  server,
}) => {
  const { data } = await server.admin(
    '{ __type(name: "SecurityEventType") { enumValues { name } } }',
    {},
    { token: reader },
  );
  const names = data.__type.enumValues.map(({ name }: { name: string }) => name);
  expect(names.sort()).toEqual(Object.keys(AUDIT_TYPES).sort());
  expect(names).toEqual(expect.arrayContaining(Object.keys(EVENT_TYPES)));
});

test('AD-2: the events below a person require EVENTS_READ, also in the result of a mutation', async ({
  server,
}) => {
  const person = await signUp(server);
  const query = `mutation ($input: SetRolesInput!) { setRoles(input: $input) {
    ... on RolesSet { user { events(first: 2) { edges { node { type } } pageInfo { hasNextPage } } } } } }`;
  const input = { userId: person.userId, roles: [], expected: [] };
  const as = async (...permissions: Parameters<typeof adminToken>[1]) =>
    server.admin(query, { input }, { token: (await adminToken(server, permissions)).token });
  const seen = await as('ROLES_WRITE', 'EVENTS_READ');
  expect(seen.data.setRoles.user.events).toEqual({
    edges: [{ node: { type: 'SIGNED_IN' } }, { node: { type: 'EMAIL_VERIFIED' } }],
    pageInfo: { hasNextPage: true },
  });
  const blind = await as('ROLES_WRITE', 'USERS_READ');
  expect(blind.data).toBeNull();
  expect(blind.errors[0]?.extensions?.['code']).toBe('FORBIDDEN');
});

test('registrations: what waits for an address, with the mails that were sent', async ({
  server,
}) => {
  const email = 'waiting@example.com';
  const QUERY = `query ($email: EmailAddress!) {
    registrations(email: $email) { email requestedAt expiresAt mailsSent } }`;
  const waiting = async () =>
    (await server.admin(QUERY, { email: ' Waiting@Example.com' }, { token: reader })).data
      .registrations;
  expect(await waiting()).toEqual([]);
  const register = `mutation ($input: RegisterInput!) { register(input: $input) { __typename } }`;
  await server.graphql(register, { input: { email, password: PASSWORD } });
  await server.mailTo(email);
  expect(await waiting()).toEqual([
    {
      email,
      requestedAt: expect.any(String),
      expiresAt: expect.any(String),
      mailsSent: expect.any(Number),
    },
  ]);
  await server.graphql(register, { input: { email, password: `${PASSWORD}!` } });
  expect(await waiting()).toHaveLength(2);
  await server.mailTo(email, 2);
  await signUp(server, { email });
  expect(await waiting()).toEqual([]);
});
