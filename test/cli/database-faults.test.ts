import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PRODUCTION } from '../config/environments.ts';
import { latchkey } from '../support/latchkey.ts';
import { databaseUrl, runOnServer } from '../support/postgres.ts';

const server = inject('postgresServerUrl');
const name = `test_${randomBytes(8).toString('hex')}`;
const role = `poor_${randomBytes(6).toString('hex')}`;
let url: URL;

beforeAll(async () => {
  await runOnServer(server, `create database ${name}`);
  await runOnServer(server, `create role ${role} login password 'p'`);
  url = new URL(databaseUrl(server, name));
  url.username = role;
  url.password = 'p';
});
afterAll(async () => {
  await runOnServer(server, `drop database if exists ${name} with (force)`);
  await runOnServer(server, `drop role ${role}`);
});

const run = (line: string) => latchkey(line, { env: { ...PRODUCTION, DATABASE_URL: url.href } });

test.each([
  ['migrate up', /\(42501\).*owner of the tables/],
  ['keys list', /is missing.*latchkey migrate up.*42P01/],
])(
  'O-13: %s without the privilege, or on an empty database, says what to do',
  async (line, says) => {
    const { code, out, err } = await run(line);
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err.join('\n')).toMatch(says);
  },
);

test('O-13: a role that may not connect, and a read-only database, are reported as sentences', async () => {
  await runOnServer(server, `revoke connect on database ${name} from public`);
  expect((await run('keys list')).err.join('\n')).toMatch(/grant connect on that database.*42501/);
  await runOnServer(server, `grant connect on database ${name} to public`);
  const owner = postgres(databaseUrl(server, name), { max: 1, fetch_types: false });
  await owner.unsafe(`grant create on schema public to ${role}`);
  await owner.unsafe(`alter database ${name} set default_transaction_read_only = on`);
  await owner.end();
  expect((await run('migrate up')).err.join('\n')).toMatch(/25006.*accepts no writes/);
});
