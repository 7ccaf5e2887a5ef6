import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { giveRole, proveSecondFactor } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, REGISTER } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer({ env: { EMAIL_VERIFICATION: 'optional' } });

const CALLER = '{ caller { permissions } }';
const PUT = `mutation { putRole(input: { name: "mine", permissions: [] }) { __typename } }`;

/** Registers with an address that may be somebody else's, and proves a second factor. */
async function signUpUnproven(server: TestServer, email: string) {
  const { data } = await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
  const { accessToken, viewer } = data.register;
  await proveSecondFactor(server, { sessionId: viewer.session.id });
  return { token: accessToken, userId: viewer.user.id };
}

const permissionsOf = async (server: TestServer, token: string) =>
  (await server.admin(CALLER, {}, { token })).data.caller.permissions;

test('LG-9: admins grant refuses an account whose address nobody has proven', async ({
  server,
}) => {
  const email = 'boss@example.com';
  const { token, userId } = await signUpUnproven(server, email);
  const { config, db } = server.app.deps;
  const ended = await latchkey(`admins grant ${email}`, { config });
  expect([ended.code, ended.err.join()]).toEqual([1, expect.stringContaining('has not proven')]);
  const held = await queryDatabase(
    db,
    sql`select role from user_roles where user_id = ${userId}::uuid`,
  );
  expect(held).toEqual([]);
  expect(await permissionsOf(server, token)).toEqual([]);
});

test('AD-5: a role gives no permission to a person who has not proven the address', async ({
  server,
}) => {
  const { token, userId } = await signUpUnproven(server, 'lead@example.com');
  await giveRole(server, { userId }, 'lead', ['USERS_READ', 'ROLES_WRITE']);
  expect(await permissionsOf(server, token)).toEqual([]);
  const refused = await server.admin(PUT, {}, { token });
  expect(refused.data.putRole.__typename).toBe('ForbiddenError');
  await queryDatabase(
    server.app.deps.db,
    sql`update users set email_verified_at = now() where id = ${userId}::uuid`,
  );
  expect(await permissionsOf(server, token)).toEqual(['USERS_READ', 'ROLES_WRITE']);
});
