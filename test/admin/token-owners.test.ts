import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { machineOf } from '../../src/admin/caller.ts';
import { revokeAdminToken } from '../../src/admin/tokens/revoke.ts';
import { findToken, listTokens, purgeTokens } from '../../src/administrator/token-store.ts';
import { run } from '../../src/db/executor.ts';
import { after, DAY } from '../../src/kernel/duration.ts';
import { MissingPermissionError } from '../../src/kernel/errors.ts';
import { adminToken, giveRole, signUpWithPermissions } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import type { Person } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const CREATE = `mutation ($input: CreateAdminTokenInput!) { createAdminToken(input: $input) { __typename
  ... on AdminTokenCreated { token adminToken { id createdBy permissions } }
  ... on InvalidInputError { issues { message } } } }`;

async function create(server: TestServer, by: string, permissions: readonly string[]) {
  const expiresAt = new Date(Date.now() + DAY).toISOString();
  const input = { name: 'job', permissions, expiresAt };
  return (await server.admin(CREATE, { input }, { token: by })).data.createAdminToken;
}

const codeOf = async (server: TestServer, token: string) => {
  const { data, errors } = await server.admin('{ roles { name } }', {}, { token });
  return data === null ? errors[0]?.extensions?.['code'] : 'READ';
};

const demote = (server: TestServer, { userId }: Person) =>
  queryDatabase(server.app.deps.db, `delete from user_roles where user_id = '${userId}'`);

test('AD-3: an administrator who lost a role goes on neither with a token that they made nor with one that it made', async ({
  server,
}) => {
  const permissions = ['TOKENS_WRITE', 'USERS_READ'] as const;
  const person = await signUpWithPermissions(server, 'makers', permissions);
  const first = await create(server, person.accessToken, permissions);
  const second = await create(server, first.token, ['USERS_READ']);
  expect(second.adminToken.createdBy).toBe(person.email);
  const tokens = [first.token, second.token];
  const codes = async () => [await codeOf(server, tokens[0]), await codeOf(server, tokens[1])];
  expect(await codes()).toEqual(['READ', 'READ']);

  await demote(server, person);
  expect(await codes()).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  const watcher = await adminToken(server, ['TOKENS_WRITE']);
  const listed = await server.admin('{ adminTokens { id permissions } }', {}, watcher);
  expect(listed.data.adminTokens).toContainEqual({ id: first.adminToken.id, permissions: [] });
  const printed = await latchkey('admin-tokens list', { config: server.app.deps.config });
  expect(printed.out.find((line) => line.startsWith(first.adminToken.id))).toContain(
    'no permission',
  );

  await giveRole(server, person, 'makers');
  expect(await codes()).toEqual(['READ', 'READ']);
  const { db } = server.app.deps;
  const user = `users set disabled_at`;
  await queryDatabase(db, `update ${user} = now() where id = '${person.userId}'`);
  expect(await codes()).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  await queryDatabase(db, `update ${user} = null where id = '${person.userId}'`);
  await queryDatabase(
    db,
    `update users set email_verified_at = null where id = '${person.userId}'`,
  );
  expect(await codes()).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  await queryDatabase(db, `delete from users where id = '${person.userId}'`);
  expect(await codes()).toEqual(['FORBIDDEN', 'FORBIDDEN']);
});

test('a token of an operator, and one that it made, stand alone', async ({ server }) => {
  const first = await adminToken(server, ['TOKENS_WRITE', 'USERS_READ'], { name: 'deployment' });
  const second = await create(server, first.token, ['USERS_READ']);
  expect(second.adminToken).toMatchObject({ createdBy: 'deployment', permissions: ['USERS_READ'] });
  expect(await codeOf(server, second.token)).toBe('READ');
});

test('SE-9: the demotion of a token’s creator counts for an act that had passed its guard before', async ({
  server,
}) => {
  const { deps } = server.app;
  const person = await signUpWithPermissions(server, 'guards', ['TOKENS_WRITE']);
  const { adminToken: made } = await create(server, person.accessToken, ['TOKENS_WRITE']);
  const token = await run(deps.db, findToken(made.id));
  if (!token) throw new Error('The token is missing.');
  const caller = machineOf(token);
  const client = { ipAddress: null, userAgent: null, requestId: 'test' };
  await demote(server, person);
  const request = { caller, permission: 'TOKENS_WRITE', client } as const;
  await expect(revokeAdminToken(deps, request, made.id)).rejects.toThrow(MissingPermissionError);
});

test('AD-7: the list of tokens is bounded, and no number of tokens hides a live one', async ({
  server,
}) => {
  const { db, clock } = server.app.deps;
  const live = await adminToken(server, ['TOKENS_WRITE']);
  const insert = (count: number, name: string, age: string, expires: string) =>
    queryDatabase(
      db,
      `insert into admin_tokens (id, name, token_hash, permissions, created_at, created_by_name, expires_at)
        select ('ffffffff-ffff-7fff-8fff-' || lpad(to_hex(n), 12, '0'))::uuid, '${name}', sha256(('${name}' || n)::bytea), '{}', now() - interval '${age}', 'test', now() + interval '${expires}'
        from generate_series(1, ${count}) as n`,
    );
  await insert(1_200, 'ended', '1 day', '-1 hour');
  const listed = await server.admin('{ adminTokens { id } }', {}, { token: live.token });
  expect(listed.data.adminTokens).toHaveLength(1_000);
  expect(listed.data.adminTokens).toContainEqual({ id: live.id });
  await queryDatabase(db, `delete from admin_tokens where name = 'ended'`);
  await insert(500, 'many', '1 day', '1 day');
  expect(await create(server, live.token, [])).toEqual({
    __typename: 'InvalidInputError',
    issues: [{ message: expect.stringContaining('500') }],
  });
  await queryDatabase(db, `delete from admin_tokens where name = 'many'`);
  expect((await create(server, live.token, [])).__typename).toBe('AdminTokenCreated');
  expect(await run(db, listTokens(clock.now()))).not.toHaveLength(0);
});

test('DR-6: a token is removed a year after it expired or was revoked, and no earlier', async ({
  server,
}) => {
  const { db, clock } = server.app.deps;
  await queryDatabase(db, 'delete from admin_tokens');
  const now = clock.now();
  for (const name of ['expired', 'revoked', 'live']) await adminToken(server, [], { name });
  await queryDatabase(db, `update admin_tokens set revoked_at = now() where name = 'revoked'`);
  await queryDatabase(
    db,
    sql`update admin_tokens set expires_at = ${after(now, 3 * 365 * DAY).toISOString()}::timestamptz where name <> 'expired'`,
  );
  const purgeIn = async (days: number) =>
    (await run(db, purgeTokens({ now: after(now, days * DAY), behind: null, limit: 100 }))).removed;
  expect(await purgeIn(364)).toBe(0);
  expect(await purgeIn(365.5)).toBe(1);
  expect(await purgeIn(366.5)).toBe(1);
  expect(await run(db, listTokens(now))).toMatchObject([{ name: 'live' }]);
});
