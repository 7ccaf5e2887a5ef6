import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY } from '../../src/kernel/duration.ts';
import { purgeAll } from '../../src/retention/purge.ts';
import { purgesOf } from '../../src/retention/purges.ts';
import { refresh, signIn, signUp } from '../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const role = `server_${randomBytes(6).toString('hex')}`;
const GRANTS = new URL('../../docs/operating/database-role.sql', import.meta.url);

let owner: TestDatabase;
let server: TestServer;
let asServer: postgres.Sql;

beforeAll(async () => {
  owner = await createTestDatabase();
  const sql = postgres(owner.url, { max: 1, onnotice: () => undefined });
  const password = randomBytes(12).toString('hex');
  await sql.unsafe(`create role ${role} login password '${password}'`);
  await sql.unsafe((await readFile(GRANTS, 'utf8')).replaceAll(":'role'", `'${role}'`));
  await sql.end();
  const url = new URL(owner.url);
  url.username = role;
  url.password = password;
  asServer = postgres(url.href, { max: 1, onnotice: () => undefined });
  server = await startTestServer({ database: { ...owner, url: url.href } });
});
afterAll(async () => {
  await server.app.close();
  await asServer.end();
  const sql = postgres(owner.url, { max: 1 });
  await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  await sql.end();
  await owner.drop();
});

test('DR-3: the server’s own role suffices for whole journeys', async () => {
  const person = await signUp(server);
  const second = await signIn(server, person);
  expect((await refresh(server, second.refreshToken)).__typename).toBe('SignedIn');
  expect((await server.request('/health/ready')).status).toBe(200);
});

test('DR-5: the server’s own role suffices to delete an account, which the audit log then no longer names', async () => {
  const { userId, accessToken: token } = await signUp(server);
  const { data } = await server.graphql('mutation { deleteAccount { __typename } }', {}, { token });
  expect(data.deleteAccount.__typename).toBe('AccountDeleted');
  expect(await asServer`select 1 from audit_events where user_id = ${userId}`).toEqual([]);
});

test('LO-4: an account that still exists cannot be erased from the audit log', async () => {
  const { userId } = await signUp(server);
  const eventsOf = () => asServer`select * from audit_events where user_id = ${userId}`;
  const before = await eventsOf();
  expect(before.length).toBeGreaterThan(0);
  await asServer`select anonymise_events(${userId}, gen_random_uuid(), 500)`;
  // A table of the caller's own before the real one in the search path, in case the function looks it up by name.
  await asServer.begin(async (sql) => {
    await sql`create temp table users (id uuid) on commit drop`;
    await sql`select anonymise_events(${userId}, gen_random_uuid(), 500)`;
  });
  expect(await eventsOf()).toEqual(before);
});

/** The parts of the log as they are in the catalog, one that is made only now among them. */
async function partitions(): Promise<readonly string[]> {
  const sql = postgres(owner.url, { max: 1, onnotice: () => undefined });
  const later = sql`select to_char(now() + interval '3 months', '"audit_events_"YYYY_MM') as name`;
  await sql.unsafe(`drop table ${(await later)[0]?.['name']}`);
  // The server itself makes it, in a schema where the owner's new tables are the server's by default.
  await asServer`select make_audit_partitions()`;
  const rows = await sql`select relname as name from pg_inherits
    join pg_class on pg_class.oid = inhrelid where inhparent = 'audit_events'::regclass order by 1`;
  await sql.end();
  return rows.map((row) => String(row['name']));
}

test('LO-4: no partition allows what the audit log forbids, not even a partition that the role had created', async () => {
  const names = await partitions();
  expect(names).toHaveLength(5);
  for (const name of names) {
    for (const statement of [
      `select * from ${name}`,
      `delete from ${name}`,
      `update ${name} set user_id = null`,
      `truncate ${name}`,
      `drop table ${name}`,
      `alter table audit_events detach partition ${name}`,
      `insert into ${name} (id, type, at, detail) values (gen_random_uuid(), 'SIGNED_IN', now(), '{}')`,
    ]) {
      await expect(asServer.unsafe(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
  }
  const sql = postgres(owner.url, { max: 1 });
  const grants = await sql`select relname, relacl from pg_class
    where relispartition and relkind = 'r' and cardinality(relacl) > 1`;
  await sql.end();
  expect([...grants]).toEqual([]);
});

test('LO-4: functions that run as the owner find no table that the role put into the search path', async () => {
  const sql = postgres(owner.url, { max: 1, onnotice: () => undefined });
  const missing = `audit_events_${new Date().getUTCFullYear() + 9}_01`;
  const count = async () =>
    (await sql`select from pg_inherits where inhparent = 'audit_events'::regclass`).length;
  const before = await count();
  await asServer.begin(async (tx) => {
    await tx`create temp table audit_events (id uuid, user_id uuid) on commit drop`;
    await tx.unsafe(`create temp table ${missing} (id uuid) on commit drop`);
    await tx`create temp table audit_events_default (id uuid) on commit drop`;
    await tx`insert into pg_temp.audit_events_default values (gen_random_uuid())`;
    await tx`select make_audit_partitions()`;
    expect([...(await tx`select stray_audit_events() as stray`)]).toEqual([{ stray: 0 }]);
  });
  expect(await count()).toBe(before);
  const functions =
    await sql`select proconfig from pg_proc where proname = 'make_audit_partitions'`;
  await sql.end();
  expect(functions[0]?.['proconfig']).toContain('search_path=public, pg_temp');
});

test('LO-4: the server may use a table that a later migration creates, before anybody runs the script again', async () => {
  const sql = postgres(owner.url, { max: 1 });
  await sql`create table made_later (n int)`;
  await asServer`insert into made_later values (1)`;
  expect(await asServer`delete from made_later returning n`).toHaveLength(1);
  await sql`drop table made_later`;
  await sql.end();
});

test.each([
  ['LO-4: rewrite what happened', `update audit_events set type = 'SIGNED_OUT'`],
  ['LO-4: move it in time', 'update audit_events set at = now()'],
  ['LO-4: put it on somebody else', 'update audit_events set user_id = null'],
  ['LO-4: forget where from', 'update audit_events set ip_address = null'],
  ['LO-4: remove it', 'delete from audit_events'],
  ['LO-4: empty the table', 'truncate audit_events'],
  ['DR-3: make a table', 'create table mine (n int)'],
  ['DR-3: change one', 'alter table users add column mine int'],
  ['DR-3: drop one', 'drop table sessions'],
  ['DR-3: claim a migration', 'delete from latchkey_migrations'],
  ['DR-3: make a role', 'create role another'],
])('and it cannot: %s', async (_, statement) => {
  await expect(asServer.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
});

test('LO-4, DR-6: the role’s purge clears the other tables and leaves the audit log to the owner', async () => {
  const { db, log } = server.app.deps;
  const before = await asServer`select count(*)::int as n from audit_events`;
  const clock = { now: () => new Date(Date.now() + 4_000 * DAY) };
  const purges = purgesOf({ auditRetention: DAY });
  const pass = await purgeAll({ db, log, clock }, purges, { rest: 0, force: true });
  expect(pass?.failed).toEqual([]);
  expect(pass?.removed['sessions']).toBeGreaterThan(0);
  expect(pass?.removed['audit_events']).toBe(0);
  expect(await asServer`select count(*)::int as n from audit_events`).toEqual(before);
});

test('LO-4: the role can append to the audit log and read it', async () => {
  const [row] = await asServer`select count(*)::int as n from audit_events`;
  expect(row?.['n']).toBeGreaterThan(0);
});
