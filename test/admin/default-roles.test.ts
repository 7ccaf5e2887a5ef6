import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import { adminToken } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';

const test = testWithServer({ env: { DEFAULT_ROLES: 'member,reader' } });

const PUT = `mutation ($input: PutRoleInput!) { putRole(input: $input) {
  __typename ... on InvalidInputError { issues { path message } } } }`;

test('AD-3: a role of DEFAULT_ROLES is given no permission of the administrators’ API', async ({
  server,
}) => {
  const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const put = async (adminPermissions: readonly string[]) => {
    const input = { name: 'member', permissions: [], adminPermissions };
    return (await server.admin(PUT, { input }, { token })).data.putRole;
  };
  expect(await put(['USERS_READ'])).toEqual({
    __typename: 'InvalidInputError',
    issues: [
      {
        path: ['input', 'adminPermissions'],
        message: expect.stringContaining('DEFAULT_ROLES'),
      },
    ],
  });
  expect((await put([])).__typename).toBe('RoleSaved');
});

test('AD-3: a role with permissions of the administrators’ API is not given to who registers, whatever DEFAULT_ROLES says', async ({
  server,
}) => {
  const { db } = server.app.deps;
  await queryDatabase(
    db,
    sql`update roles set admin_permissions = '{USERS_DELETE,TOKENS_WRITE}' where name = 'member'`,
  );
  const { userId, accessToken } = await signUp(server);
  const held = await queryDatabase(
    db,
    sql`select role from user_roles where user_id = ${userId}::uuid`,
  );
  expect(held).toEqual([{ role: 'reader' }]);
  const { data } = await server.admin('{ caller { permissions } }', {}, { token: accessToken });
  expect(data.caller.permissions).toEqual([]);
});
