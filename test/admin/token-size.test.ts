import { eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { roles } from '../../src/db/tables/role.ts';
import { adminToken, giveRole } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { countRowsOf, queryDatabase } from '../support/query-database.ts';

const test = testWithServer({ env: { DEFAULT_ROLES: 'reader', CLAIMS_MAX_BYTES: '256' } });

const SET = `mutation ($input: SetRolesInput!) { setRoles(input: $input) {
  __typename ... on InvalidInputError { issues { path message } } } }`;
const REMOVE = `mutation ($input: RemoveRoleInput!) { removeRole(input: $input) { __typename } }`;

const LONG = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(60));

test('CL-3: roles that would make a token too large are refused when they are given, and a sign-in is not', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const other = await signUp(server);
  for (const role of LONG) await giveRole(server, other, role);
  const person = await signUp(server);
  const set = async (wanted: readonly string[], expected: readonly string[]) => {
    const input = { userId: person.userId, roles: wanted, expected };
    return (await server.admin(SET, { input }, { token })).data.setRoles;
  };
  expect(await set(LONG, ['reader'])).toEqual({
    __typename: 'InvalidInputError',
    issues: [{ path: ['input', 'roles'], message: expect.stringContaining('CLAIMS_MAX_BYTES') }],
  });
  const { db } = server.app.deps;
  const held = `select role from user_roles where user_id = '${person.userId}'`;
  expect(await queryDatabase(db, held)).toEqual([{ role: 'reader' }]);
  expect(await set(LONG.slice(0, 3), ['reader'])).toEqual({ __typename: 'RolesSet' });
});

test('CL-3: a role can be taken from a person whose token is too large already', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const person = await signUp(server);
  const held = ['p', 'q', 'r', 's', 't'].map((letter) => letter.repeat(63));
  for (const role of held) await giveRole(server, person, role);
  const input = { userId: person.userId, roles: held, expected: [...held, 'reader'] };
  const { data } = await server.admin(SET, { input }, { token });
  expect(data.setRoles).toEqual({ __typename: 'RolesSet' });
});

test('CL-3: the operator cannot make a token too large either', async ({ server }) => {
  const person = await signUp(server);
  for (const role of ['e', 'f', 'g'].map((letter) => letter.repeat(63)))
    await giveRole(server, person, role);
  await giveRole(server, person, 'h'.repeat(30));
  const { config } = server.app.deps;
  const { code, err } = await latchkey(`admins grant ${person.email}`, { config });
  expect([code, err.join()]).toEqual([1, expect.stringContaining('CLAIMS_MAX_BYTES')]);
});

test('a role of DEFAULT_ROLES cannot be removed: the next start would make it again', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const input = { name: 'reader' };
  const removed = await server.admin(REMOVE, { input }, { token });
  expect(removed.data.removeRole).toEqual({ __typename: 'ConflictError' });
  expect(await countRowsOf(server.app.deps.db, roles, eq(roles.name, 'reader'))).toBe(1);
});
