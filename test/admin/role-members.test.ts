import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { grantAdministration, revokeAdministration } from '../../src/admin/roles/administrators.ts';
import { adminToken, giveRole, signUpAdministrator } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';

const test = testWithServer({
  env: {
    CLAIMS: '{"permissions":"$permissions","note":"$attributes.note"}',
    CLAIMS_MAX_BYTES: '256',
  },
});

const SET = `mutation ($input: SetRolesInput!) { setRoles(input: $input) { __typename } }`;
const PUT = `mutation ($input: PutRoleInput!) { putRole(input: $input) { __typename
  ... on InvalidInputError { issues { path message } } ... on ForbiddenError { permission } } }`;
const REMOVE = `mutation ($input: RemoveRoleInput!) { removeRole(input: $input) { __typename
  ... on ForbiddenError { permission } } }`;

const put = async (server: TestServer, token: string, input: object) =>
  (await server.admin(PUT, { input }, { token })).data.putRole;

const remove = async (server: TestServer, token: string, name: string) =>
  (await server.admin(REMOVE, { input: { name } }, { token })).data.removeRole;

const contentOf = (server: TestServer, role: string) =>
  queryDatabase<{ permissions: string[]; administration: string[] }>(
    server.app.deps.db,
    sql`select permissions, admin_permissions as administration from roles where name = ${role}`,
  );

const claimsOf = (accessToken: string) =>
  JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());

const eventsOf = async (server: TestServer, { userId }: Pick<Person, 'userId'>) => {
  const rows = await queryDatabase<{ detail: object }>(
    server.app.deps.db,
    sql`select detail from audit_events where type = 'ROLES_CHANGED' and user_id = ${userId}::uuid order by id`,
  );
  return rows.map(({ detail }) => detail);
};

test('CL-3: a change of a role with which a holder’s token would be too large is refused when it is written', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const long = ['x', 'y'].map((letter) => letter.repeat(110));
  const person = await signUp(server);
  await giveRole(server, person, 'sized');
  // A holder with little else, who is read first, does not hide the one with more.
  await giveRole(server, person, 'other');
  expect(await put(server, token, { name: 'sized', permissions: long.slice(0, 1) })).toEqual({
    __typename: 'RoleSaved',
  });
  const holder = await signUp(server);
  await giveRole(server, holder, 'sized');
  expect(await put(server, token, { name: 'other', permissions: long.slice(1) })).toEqual({
    __typename: 'InvalidInputError',
    issues: [
      { path: ['input', 'permissions'], message: expect.stringContaining('CLAIMS_MAX_BYTES') },
    ],
  });
  expect(await contentOf(server, 'other')).toMatchObject([{ permissions: [] }]);
  expect(
    claimsOf((await signIn(server, { email: person.email, password: PASSWORD })).accessToken)
      .permissions,
  ).toEqual(long.slice(0, 1));
  // Nobody holds both after this, and a role that nobody holds may have them all.
  await queryDatabase(
    server.app.deps.db,
    sql`delete from user_roles where user_id = ${person.userId}::uuid and role = 'sized'`,
  );
  for (const name of ['other', 'unheld']) {
    const permissions = name === 'other' ? long.slice(1) : long;
    expect((await put(server, token, { name, permissions })).__typename).toBe('RoleSaved');
  }
});

test('CL-3: permissions can be taken from a role whose holders’ tokens are too large already', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const person = await signUp(server);
  await giveRole(server, person, 'heavy');
  const permissions = ['p', 'q', 'r', 's'].map((letter) => letter.repeat(110));
  await queryDatabase(
    server.app.deps.db,
    sql`update roles set permissions = ${`{${permissions.join(',')}}`}::text[] where name = 'heavy'`,
  );
  const lighter = await put(server, token, { name: 'heavy', permissions: permissions.slice(1) });
  expect(lighter).toEqual({ __typename: 'RoleSaved' });
});

test('CL-3: with claims that grew too large behind the server’s back, a sign-in succeeds and its token is accepted', async ({
  server,
}) => {
  const person = await signUp(server);
  await giveRole(server, person, 'noted');
  const note = 'n'.repeat(4_000);
  await queryDatabase(
    server.app.deps.db,
    sql`update users set attributes = ${JSON.stringify({ note })}::jsonb where id = ${person.userId}::uuid`,
  );
  const { accessToken, refreshToken } = await signIn(server, {
    email: person.email,
    password: PASSWORD,
  });
  expect(claimsOf(accessToken)).toMatchObject({ roles: ['noted'] });
  expect(claimsOf(accessToken)).not.toHaveProperty('note');
  const read = async (token: string) =>
    (await server.graphql('{ viewer { user { id } } }', {}, { token })).data.viewer.user.id;
  expect(await read(accessToken)).toBe(person.userId);
  const renewed = await refresh(server, refreshToken);
  expect(await read(renewed.accessToken)).toBe(person.userId);
});

test('AD-3: nobody alters the holders of a role through the role if one of them has a permission that the caller lacks', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE', 'USERS_READ']);
  const person = await signUp(server);
  await giveRole(server, person, 'team');
  await giveRole(server, person, 'deleter', ['USERS_DELETE']);
  const forbidden = { __typename: 'ForbiddenError', permission: 'USERS_DELETE' };
  expect(await put(server, token, { name: 'team', permissions: ['a'] })).toEqual(forbidden);
  const administration = { name: 'team', permissions: [], adminPermissions: ['USERS_READ'] };
  expect(await put(server, token, administration)).toEqual(forbidden);
  expect(await remove(server, token, 'team')).toEqual(forbidden);
  expect(await contentOf(server, 'team')).toEqual([{ permissions: [], administration: [] }]);
  expect(await eventsOf(server, person)).toEqual([]);
  // A change that the holders do not feel is allowed, and so is any change by somebody with the permission.
  const described = { name: 'team', description: 'Everybody', permissions: [] };
  expect(await put(server, token, described)).toEqual({ __typename: 'RoleSaved' });
  const able = await adminToken(server, ['ROLES_WRITE', 'USERS_DELETE']);
  expect(await remove(server, able.token, 'team')).toEqual({ __typename: 'RoleRemoved' });
});

test('AD-6: each holder of a role sees that it was changed or removed', async ({ server }) => {
  const { token } = await adminToken(server, ['ROLES_WRITE', 'USERS_READ'], { name: 'pipeline' });
  const people = [await signUp(server), await signUp(server)];
  for (const person of people) await giveRole(server, person, 'seen');
  const stranger = await signUp(server);
  await put(server, token, { name: 'seen', permissions: ['a'] });
  await put(server, token, { name: 'seen', permissions: ['a'], description: 'Same to them' });
  await put(server, token, {
    ...{ name: 'seen', permissions: ['a'], adminPermissions: ['USERS_READ'] },
  });
  await remove(server, token, 'seen');
  const by = { by: 'token', token: 'pipeline' };
  for (const person of people) {
    expect(await eventsOf(server, person)).toEqual([
      { ...by, changed: 'seen' },
      { ...by, changed: 'seen' },
      { ...by, removed: 'seen' },
    ]);
    const own = await server.graphql(
      '{ viewer { securityEvents(first: 1) { edges { node { type } } } } }',
      {},
      { token: person.accessToken },
    );
    expect(own.data.viewer.securityEvents.edges).toEqual([{ node: { type: 'ROLES_CHANGED' } }]);
  }
  expect(await eventsOf(server, stranger)).toEqual([]);
});

test('AD-6: beyond 1,000 holders a role keeps its administration and cannot be removed, but the application’s permissions change', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE', 'USERS_READ']);
  const { db } = server.app.deps;
  await put(server, token, { name: 'everybody', permissions: [] });
  await queryDatabase(
    db,
    sql`insert into users (id, email, created_at, updated_at)
      select gen_random_uuid(), 'crowd-' || n || '@example.com', now(), now() from generate_series(1, 1001) as n`,
  );
  await queryDatabase(
    db,
    sql`insert into user_roles (user_id, role, granted_at, user_created_at)
      select id, 'everybody', now(), created_at from users where email like 'crowd-%'`,
  );
  const versions = () =>
    queryDatabase(
      db,
      sql`select distinct claims_version as version from users where email like 'crowd-%'`,
    );
  const events = async () => {
    const [row] = await queryDatabase<{ n: number }>(
      db,
      sql`select count(*)::int as n from audit_events where type = 'ROLES_CHANGED' and detail ->> 'removed' = 'everybody'`,
    );
    return row?.n;
  };
  const administration = { name: 'everybody', permissions: [], adminPermissions: ['USERS_READ'] };
  expect(await put(server, token, administration)).toMatchObject({
    ...{ __typename: 'InvalidInputError', issues: [{ path: ['input', 'adminPermissions'] }] },
  });
  expect(await remove(server, token, 'everybody')).toEqual({ __typename: 'ConflictError' });
  expect(await put(server, token, { name: 'everybody', permissions: ['a'] })).toEqual({
    __typename: 'RoleSaved',
  });
  expect(await versions()).toEqual([{ version: 2 }]);
  await queryDatabase(db, sql`delete from users where email = 'crowd-1@example.com'`);
  expect(await remove(server, token, 'everybody')).toEqual({ __typename: 'RoleRemoved' });
  expect(await versions()).toEqual([{ version: 3 }]);
  expect(await events()).toBe(1_000);
});

test('changes of roles, of people and of administrators never wait for each other forever', async ({
  server,
}) => {
  const { deps } = server.app;
  const ada = await signUpAdministrator(server);
  const bob = await signUpAdministrator(server);
  const person = await signUp(server);
  for (const holder of [ada, bob, person]) await giveRole(server, holder, 'shared');
  const act = { actor: { kind: 'operator', name: 'test' }, client: null } as const;
  const failed: unknown[] = [];
  const answered = async (answer: Promise<{ errors: readonly unknown[]; data: object | null }>) => {
    const { errors } = await answer;
    failed.push(...errors);
  };
  const trials = trialsOr(12);
  for (let trial = 0; trial < trials; trial += 1) {
    const permissions = [`trial-${trial}`];
    const change = (name: string, token: string) =>
      answered(server.admin(PUT, { input: { name, permissions } }, { token }));
    const set = (token: string, holder: Person, roles: readonly string[]) =>
      answered(
        server.admin(SET, { input: { userId: holder.userId, roles, expected: roles } }, { token }),
      );
    const command = trial % 2 === 0 ? grantAdministration : revokeAdministration;
    await Promise.all([
      change('admin', ada.accessToken),
      change('shared', bob.accessToken),
      set(ada.accessToken, bob, ['admin', 'shared']),
      set(bob.accessToken, person, ['shared']),
      set(bob.accessToken, person, trial % 2 === 0 ? ['shared', 'admin'] : ['shared']),
      command({ ...deps, act }, person.email).catch((error: unknown) => failed.push(error)),
      sleep(trial % 3).then(() => change('admin', bob.accessToken)),
    ]);
  }
  expect(failed).toEqual([]);
});
