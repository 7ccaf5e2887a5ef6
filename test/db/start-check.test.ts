import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { expect, inject, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import { refuseUnfitDatabase } from '../../src/db/driver/start-check.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { REQUIRED_PRIVILEGES } from '../../src/db/migrations/required-privileges.ts';
import { signIn, signUp } from '../support/journeys.ts';
import { createTestDatabase, databaseUrl, runOnServer } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';
import { startTestServer } from '../support/server.ts';
import { memoryLog, openTestDatabase, rejection } from './support.ts';

const migrate = (url: string) => migrateUp(url, { folder: MIGRATIONS_FOLDER, log: memoryLog() });

/** Creates a database with these options, and returns the URL of its owner. */
async function createDatabaseWith(words: string) {
  const server = inject('postgresServerUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runOnServer(server, `create database ${name} ${words}`);
  const url = databaseUrl(server, name);
  const owner = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  onTestFinished(async () => {
    await owner.end();
    await runOnServer(server, `drop database if exists ${name} with (force)`);
  });
  return { url, name, owner };
}

async function check(url: string): Promise<unknown> {
  const db = createDatabase({ url, poolSize: 1, log: memoryLog() });
  try {
    await refuseUnfitDatabase(db);
    return null;
  } catch (error) {
    return error;
  } finally {
    await closeDatabase(db);
  }
}

/** Settings that an operator, or another application on the server, may have changed. */
const HOSTILE = [
  "bytea_output = 'escape'",
  "DateStyle = 'German, DMY'",
  "IntervalStyle = 'sql_standard'",
  "TimeZone = 'Asia/Kolkata'",
  "default_transaction_isolation = 'serializable'",
  'default_transaction_deferrable = on',
  'extra_float_digits = -15',
  'standard_conforming_strings = off',
  'transform_null_equals = on',
];

test('CF-6: a session depends on no setting of the server, the database or the role', async () => {
  const { url, drop } = await createTestDatabase('direct');
  onTestFinished(drop);
  const name = new URL(url).pathname.slice(1);
  const server = inject('postgresServerUrl');
  for (const setting of HOSTILE) await runOnServer(server, `alter database ${name} set ${setting}`);
  expect(await check(url)).toBeNull();
  const running = await startTestServer({ database: { url, drop: async () => undefined } });
  onTestFinished(() => running.app.close());
  const person = await signUp(running);
  expect((await signIn(running, person)).refreshToken).toMatch(/^lkr_/);
});

test('CF-6, F-25: behind a pooler, which accepts no settings, the server starts only if the role has them', async () => {
  const { url, drop } = await createTestDatabase('direct');
  onTestFinished(drop);
  const name = new URL(url).pathname.slice(1);
  const server = inject('postgresServerUrl');
  const pooled = `${url}?pgbouncer=true`;
  expect(await check(pooled)).toBeNull();
  for (const setting of HOSTILE) await runOnServer(server, `alter database ${name} set ${setting}`);
  const error = await check(pooled);
  for (const setting of HOSTILE) {
    const [changed] = setting.split(' = ');
    expect(error).toHaveProperty(
      'message',
      expect.stringMatching(new RegExp(`alter role \\w+ set ${changed} = '`)),
    );
  }
});

test('CF-6: a database that is not UTF8 is refused before anything is created in it', async () => {
  const { url, owner } = await createDatabaseWith(
    "encoding 'LATIN1' locale_provider libc locale 'C' template template0",
  );
  const error = await rejection(() => migrate(url));
  expect(error).toHaveProperty('message', expect.stringContaining('LATIN1 and must be UTF8'));
  expect(await owner`select 1 from pg_class where relnamespace = 'public'::regnamespace`).toEqual(
    [],
  );
});

test('CF-7: a search_path that names no schema is reported, and nothing is created elsewhere', async () => {
  const { url, name, owner } = await createDatabaseWith('');
  await owner.unsafe(`alter database ${name} set search_path = auth`);
  const error = await rejection(() => migrate(url));
  expect(error).toHaveProperty('message', expect.stringMatching(/no schema to work in.*\(auth\)/));
  expect(await owner`select 1 from pg_class where relnamespace = 'public'::regnamespace`).toEqual(
    [],
  );
});

test.each([
  ['of its own', 'auth', ''],
  ['that stands before another application’s', 'auth, public', ''],
  ['that only DATABASE_URL names', 'public', '?schema=auth'],
])(
  'CF-7: a schema %s contains all tables, beside a table users of another application',
  async (_, path, query) => {
    const { url, name, owner } = await createDatabaseWith('');
    await owner.unsafe(`
    create table public.users (id uuid primary key, email text);
    create table public.sessions (id int);
    create table public.elsewhere (id int);
    create schema auth;
    alter database ${name} set search_path = ${path};`);
    const way = `${url}${query}`;
    await migrate(way);
    const keys = await owner`
    select distinct confrelid::regclass::text as to, conrelid::regclass::text as from
    from pg_constraint where contype = 'f' and confrelid = 'public.users'::regclass`;
    expect(keys).toEqual([]);
    const others = await owner`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`;
    expect(others.map((row) => row['name'])).toEqual(['elsewhere', 'sessions', 'users']);

    const server = await startTestServer({ database: { url: way, drop: async () => undefined } });
    onTestFinished(() => server.app.close());
    const person = await signUp(server);
    expect((await signIn(server, person)).accessToken).toBeTruthy();
    const [{ n } = {}] = await owner`select count(*)::int as n from auth.users`;
    expect(n).toBe(1);
    expect(await owner`select * from public.users`).toEqual([]);
    // No name is looked up in the other schemas of search_path.
    const { db } = server.app.deps;
    expect(await rejection(() => queryDatabase(db, sql`select 1 from elsewhere`))).toMatchObject({
      code: '42P01',
    });
  },
);

test('CF-7: no migration names a schema, because it would work only in that schema', async () => {
  for (const file of (await readdir(MIGRATIONS_FOLDER)).filter((name) => name.endsWith('.sql'))) {
    const text = await readFile(join(MIGRATIONS_FOLDER, file), 'utf8');
    // PUBLIC in a grant means everybody and is no schema.
    expect(text.replaceAll(/(FROM|TO) PUBLIC;|'PUBLIC'/g, ''), file).not.toMatch(/\bpublic\b/i);
  }
});

test('DR-3: the required privileges name every table', async () => {
  const db = await openTestDatabase();
  const rows = await queryDatabase<{ name: string }>(
    db,
    sql`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );
  expect(Object.keys(REQUIRED_PRIVILEGES).toSorted()).toEqual(
    rows.map((row) => row.name).toSorted(),
  );
});

test('CF-6: the start reports every missing grant, table by table', async () => {
  const { url, owner } = await createDatabaseWith('');
  await migrate(url);
  const role = `server_${randomBytes(6).toString('hex')}`;
  await owner.unsafe(`create role ${role} login password 'p'`);
  onTestFinished(async () => {
    await owner.unsafe(`drop owned by ${role}; drop role ${role}`);
  });
  const own = new URL(url);
  own.username = role;
  own.password = 'p';
  const messageOf = async () => String(await check(own.href));
  expect(await messageOf()).toContain(
    `grant select, insert, update, delete on table public.users to ${role}`,
  );

  const grants = new URL('../../docs/operating/database-role.sql', import.meta.url);
  await owner.unsafe((await readFile(grants, 'utf8')).replaceAll(":'role'", `'${role}'`));
  expect(await messageOf()).toBe('null');

  // A role that may delete from a partition of the log can delete from the log (LO-4).
  await owner.unsafe(`grant select, delete on all tables in schema public to ${role}`);
  expect(await messageOf()).toContain(
    `revoke all on table public.audit_events_default from ${role}`,
  );
  expect((await messageOf()).match(/revoke all on table/g)).toHaveLength(5);
  await owner.unsafe((await readFile(grants, 'utf8')).replaceAll(":'role'", `'${role}'`));
  expect(await messageOf()).toBe('null');

  await owner.unsafe(`revoke insert, delete on sessions from ${role}`);
  await owner.unsafe(`revoke execute on function make_audit_partitions() from ${role}`);
  await owner.unsafe(
    `revoke execute on function anonymise_events(uuid, uuid, integer) from ${role}`,
  );
  const message = await messageOf();
  expect(message).toContain(`grant insert, delete on table public.sessions to ${role}`);
  expect(message).toContain(
    `grant execute on function anonymise_events(uuid, uuid, integer) to ${role}`,
  );
  expect(message).toContain(`grant execute on function make_audit_partitions() to ${role}`);
  expect(message).not.toContain('public.users');

  await owner.unsafe(`revoke usage on schema public from public, ${role}`);
  expect(await messageOf()).toContain('lacks usage on it');
});
