import { expect } from 'vitest';
import { createAdminSchema } from '../../src/admin/schema.ts';
import { selectionOf } from '../../src/cli/selection.ts';
import { run as execute } from '../../src/db/executor.ts';
import { newId } from '../../src/kernel/id.ts';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import { newUser } from '../../src/user/new-user.ts';
import { insertUser } from '../../src/user/store.ts';
import { adminToken } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { signIn, signUp } from '../support/journeys.ts';
import { rowsOf, latchkey as run } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer({ env: { DEFAULT_ROLES: 'author' } });

const OPERATOR = 'ada (on call)';

const latchkey = (
  server: TestServer,
  line: string | readonly string[],
  answer: (question: string) => string | null = () => null,
) => run(line, { config: { ...server.app.deps.config, operator: OPERATOR }, answer });

/** A person as a row, without a registration. */
async function person(server: TestServer, email: string, more: object = {}): Promise<string> {
  const { deps } = server.app;
  const id = newId(deps);
  await execute(deps.db, insertUser(newUser({ id, email, createdAt: deps.clock.now(), ...more })));
  return id;
}

async function countOf(server: TestServer, table: string, userId: string): Promise<number> {
  const [found] = await queryDatabase<{ n: number }>(
    server.app.deps.db,
    `select count(*)::int as n from ${table} where ${table === 'users' ? 'id' : 'user_id'} = '${userId}'`,
  );
  return found?.n ?? -1;
}

test('O-19: users show --json is the AdminUser that the API answers, with every field', async ({
  server,
}) => {
  const { userId, email } = await signUp(server);
  const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const schema = createAdminSchema();
  const selection = selectionOf(schema, 'AdminUser');
  const document = `query ($id: ID!) { user(by: { id: $id }) ${selection} }`;
  const answer = await server.admin(document, { id: userId }, { token });
  for (const name of [userId, email, email.toUpperCase()]) {
    const ended = await latchkey(server, `users show ${name} --json`);
    expect(ended).toMatchObject({ code: 0, err: [] });
    expect(rowsOf(ended)).toEqual([answer.data.user]);
  }
  expect(answer.data.user).toMatchObject({
    ...{ id: userId, email, emailVerified: true, hasPassword: true, disabledAt: null },
    roles: [{ name: 'author' }],
    signInBlockers: [],
    claimsPreview: { roles: ['author'] },
    sessions: { edges: [{ node: { ipAddress: '127.0.0.1' } }], pageInfo: { hasNextPage: false } },
  });
});

test('users show has a line for each fact, with whole ids and times in UTC', async ({ server }) => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  const id = await person(server, 'grace@example.com', {
    ...{ name: 'Grace Hopper', externalId: 'crm-7', createdAt: at, updatedAt: at },
    ...{ disabledAt: at, disabledReason: 'ticket 7' },
  });
  const { code, out, err } = await latchkey(server, `users show ${id}`);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const text = out.join('\n');
  expect(text).toMatch(new RegExp(`^id {2,}${id}$`, 'm'));
  expect(text).toMatch(/^email {2,}grace@example\.com \(not verified\)$/m);
  expect(text).toMatch(/^external id {2,}crm-7$/m);
  expect(text).toMatch(/^state {2,}disabled since 2026-01-02T03:04:05\.678Z: ticket 7$/m);
  expect(text).toMatch(/^sign-in {2,}blocked: .*DISABLED/m);
  expect(text).toMatch(/^created {2,}2026-01-02T03:04:05\.678Z$/m);
  expect(text).toMatch(/^last sign-in {2,}never$/m);
  const starts = out.map((line) => /^\S+(?: \S+)*? {2,}/.exec(line)?.[0].length);
  expect(new Set(starts).size).toBe(1);
});

test('users find finds by id, external id, address and the beginning of an address', async ({
  server,
}) => {
  const id = await person(server, 'alan@bletchley.example', { externalId: 'hut-8' });
  const other = await person(server, 'alan@bletchley.example.org');
  for (const text of [id, 'hut-8', 'alan@bletchley.example', 'Alan@Bletchley.Example']) {
    const ended = await latchkey(server, `users find ${text} --json`);
    expect({ code: ended.code, ids: rowsOf(ended).map((row) => row['id']) }).toEqual({
      code: 0,
      ids: [id],
    });
  }
  const ended = await latchkey(server, 'users find ALAN@blet --json');
  expect(rowsOf(ended).map((row) => row['id'])).toEqual([other, id]);
  const { out } = await latchkey(server, 'users find alan@blet');
  expect(out.map((line) => line.split(/ +/).slice(0, 2))).toEqual([
    [other, 'alan@bletchley.example.org'],
    [id, 'alan@bletchley.example'],
  ]);
});

test('users find lists 20 people and says that there are more', async ({ server }) => {
  for (let n = 0; n < 20; n += 1) await person(server, `crowd-${n}@example.com`);
  const all = await latchkey(server, 'users find crowd- --json');
  expect({ rows: rowsOf(all).length, err: all.err }).toEqual({ rows: 20, err: [] });
  await person(server, 'crowd-20@example.com');
  const some = await latchkey(server, 'users find crowd- --json');
  expect(rowsOf(some)).toHaveLength(20);
  expect(some.err).toEqual(['There are more than 20. Give more of the address.']);
});

test('users find exits with 5 and prints no row if it finds nobody', async ({ server }) => {
  await person(server, 'somebody@example.com');
  const unknown = [
    ...['nobody@example.com', 'nobody', '0198c0de-0000-7000-8000-000000000000'],
    ...['%', '_', "' or true --", '\u001b[2J', ' x ', 'x'.repeat(254)],
  ];
  for (const text of unknown) {
    const ended = await latchkey(server, ['users', 'find', text, '--json']);
    expect({ text, ...ended }).toMatchObject({ text, code: 5, out: [] });
  }
  expect((await latchkey(server, ['users', 'find', 'x'.repeat(255)])).code).toBe(2);
});

test('users sessions and users events print one line of JSON a row, beyond one page', async ({
  server,
}) => {
  const signedUp = await signUp(server);
  const { userId } = signedUp;
  await signIn(server, signedUp);
  const sessions = await latchkey(server, `users sessions ${userId} --json`);
  expect(sessions.code).toBe(0);
  expect(rowsOf(sessions)).toHaveLength(2);
  expect(rowsOf(sessions)[0]).toMatchObject({ methods: ['pwd'], ipAddress: '127.0.0.1' });
  expect((await latchkey(server, `users sessions ${userId}`)).out).toHaveLength(2);

  await queryDatabase(
    server.app.deps.db,
    `insert into audit_events (id, type, user_id, at, detail)
      select gen_random_uuid(), 'SIGNED_IN', '${userId}', now() - n * interval '1 second', '{}'
      from generate_series(1, 150) n`,
  );
  const events = await latchkey(server, `users events ${userId} --limit 120 --json`);
  expect({ code: events.code, rows: rowsOf(events).length }).toEqual({ code: 0, rows: 120 });
  expect(new Set(rowsOf(events).map((row) => row['id'])).size).toBe(120);
  expect(events.err).toEqual(['There are older events. Use --limit for more than 120.']);
  expect(rowsOf(await latchkey(server, `users events ${userId} --json`))).toHaveLength(50);
  const everything = await latchkey(server, `users events ${userId} --limit 1000`);
  expect(everything.err).toEqual([]);
  expect(everything.out.length).toBe(await countOf(server, 'audit_events', userId));
  expect(everything.out[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}[A-Z_]+ +\S/);
});

test('AD-6: users delete removes the account, ends its sessions and records the operator and the reason', async ({
  server,
}) => {
  const { userId, email, accessToken } = await signUp(server);
  const line = ['users', 'delete', userId];
  expect((await latchkey(server, line)).code).toBe(2);
  const reason = ['--reason', 'ticket 7: asked by mail'];
  const dry = await latchkey(server, [...line, ...reason, '--dry-run']);
  expect(dry.out).toEqual([
    `Would delete the account ${email} (${userId}) and end 1 session. Nothing was changed.`,
  ]);
  expect((await latchkey(server, [...line, ...reason])).code).toBe(4);
  expect((await latchkey(server, [...line, ...reason], () => '1')).code).toBe(4);
  expect(await countOf(server, 'users', userId)).toBe(1);

  const ended = await latchkey(server, [...line, ...reason, '--json'], () => '2');
  expect(ended.code).toBe(0);
  expect(rowsOf(ended)).toEqual([{ id: userId, email, state: 'deleted', changed: true }]);
  expect(await countOf(server, 'users', userId)).toBe(0);
  expect(await countOf(server, 'sessions', userId)).toBe(0);
  const { data } = await server.graphql('{ viewer { user { id } } }', {}, { token: accessToken });
  expect(data.viewer).toBeNull();
  const events = await queryDatabase(
    server.app.deps.db,
    `select detail from audit_events where type = 'ACCOUNT_DELETED'`,
  );
  expect(events).toEqual([
    { detail: { by: 'operator', operator: OPERATOR, reason: 'ticket 7: asked by mail' } },
  ]);
  const again = await latchkey(server, [...line, ...reason, '--yes']);
  expect(again).toMatchObject({ code: 5, out: [] });
});

test('control characters in a name and a user agent reach no terminal, and JSON keeps them', async ({
  server,
}) => {
  const { userId } = await signUp(server);
  const hostile = 'Eve\u001b[2J\u009b31m\u0007';
  const text = JSON.stringify(hostile).replaceAll("'", "''");
  const { db } = server.app.deps;
  await queryDatabase(
    db,
    `update users set name = ('${text}'::json #>> '{}') where id = '${userId}'`,
  );
  await queryDatabase(
    db,
    `update sessions set user_agent = ('${text}'::json #>> '{}') where user_id = '${userId}'`,
  );
  for (const line of ['show', 'sessions', 'events'].map((verb) => `users ${verb} ${userId}`)) {
    for (const format of ['', ' --json']) {
      const { code, out } = await latchkey(server, line + format);
      expect(code).toBe(0);
      expect(out.filter((one) => /\p{Cc}/u.test(one))).toEqual([]);
    }
  }
  const [user] = rowsOf(await latchkey(server, `users show ${userId} --json`));
  expect(user?.['name']).toBe(hostile);
});

test('AD-4: users show and users find print no hash and no secret', async ({ server }) => {
  const { email, userId } = await signUp(server);
  const [row] = await queryDatabase<{ password_hash: string }>(
    server.app.deps.db,
    `select password_hash from users where id = '${userId}'`,
  );
  expect(row?.password_hash).toMatch(/^\$argon2id\$/);
  for (const line of [`users show ${email}`, `users find ${email}`]) {
    for (const format of ['', ' --json']) {
      const { out } = await latchkey(server, line + format);
      expect(out.join('\n')).not.toContain('argon2');
    }
  }
});
