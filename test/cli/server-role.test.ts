import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { latchkey } from '../support/latchkey.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { testConfig } from '../support/server.ts';

const role = `server_${randomBytes(6).toString('hex')}`;
const password = randomBytes(12).toString('hex');

let database: TestDatabase;
let owner: postgres.Sql;
let asServer: postgres.Sql;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = postgres(database.url, { max: 1, onnotice: () => undefined });
  await owner.unsafe(`create role ${role} login password '${password}'`);
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  asServer = postgres(url.href, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await asServer.end();
  await owner.unsafe(`drop owned by ${role}; drop role ${role}`);
  await owner.end();
  await database.drop();
});

const migrateFor = (name: string) =>
  latchkey(['migrate', 'up', '--server-role', name], { config: testConfig(database) });

test('DR-3, O-17: migrate up grants the server’s role exactly the privileges that it needs', async () => {
  await expect(asServer`select 1 from users`).rejects.toThrow('permission denied');
  for (let time = 0; time < 2; time += 1) {
    const { code, out, err } = await migrateFor(role);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toContain(`granted ${role} the privileges of the server`);
  }
  expect(await asServer`select 1 from users`).toEqual([]);
  await expect(asServer`delete from audit_events`).rejects.toThrow('permission denied');
  await expect(asServer`delete from latchkey_migrations`).rejects.toThrow('permission denied');
  await expect(asServer`drop table users`).rejects.toThrow('must be owner');
});

test('O-17: an unknown role is named in the message, and nothing is granted', async () => {
  const { code, err } = await migrateFor('nobody_here');
  expect(code).toBe(1);
  expect(err.join('\n')).toMatch(/role "nobody_here" does not exist/i);
});

test('LO-4: the owner of the tables, and any role with the owner’s power, is refused as the server’s role', async () => {
  const [tables] = await owner<{ owner: string }[]>`
    select pg_get_userbyid(relowner) as owner from pg_class where oid = 'audit_events'::regclass`;
  const wielder = `${role}_wielder`;
  await owner.unsafe(`create role ${wielder} in role "${tables?.owner}"`);
  try {
    for (const name of [String(tables?.owner), wielder]) {
      const { code, err, out } = await migrateFor(name);
      expect({ code, out }).toEqual({ code: 1, out: [] });
      expect(err.join('\n')).toContain(`role ${name} has the power of the owner of the tables`);
    }
    const grants = await owner`select from pg_class where relname = 'users'
      and relacl::text like ${`%${wielder}%`}`;
    expect(grants).toHaveLength(0);
  } finally {
    await owner.unsafe(`drop owned by ${wielder}; drop role ${wielder}`);
  }
});

test.each(['a"b', "a'; drop table users; --", 'A', '', 'a b', '1a', 'a'.repeat(64)])(
  'O-17: %j is not a role’s name, and reaches no statement',
  async (name) => {
    expect((await migrateFor(name)).code).toBe(2);
  },
);
