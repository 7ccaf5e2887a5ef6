import { expect } from 'vitest';
import type { AdminPermission } from '../../src/role/permissions.ts';
import {
  adminToken,
  giveRole,
  signUpAdministrator,
  signUpWithPermissions,
} from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const SET = `mutation ($input: SetRolesInput!) { setRoles(input: $input) {
  __typename ... on RolesSet { user { id roles { name } } } ... on ForbiddenError { permission } } }`;
const PUT = `mutation ($input: PutRoleInput!) { putRole(input: $input) {
  __typename ... on RoleSaved { role { name description permissions adminPermissions members } }
  ... on ForbiddenError { permission } ... on InvalidInputError { issues { path } } } }`;
const REMOVE = `mutation ($input: RemoveRoleInput!) { removeRole(input: $input) {
  __typename ... on ForbiddenError { permission } } }`;

const setRoles = async (server: TestServer, token: string, input: object) =>
  (await server.admin(SET, { input }, { token })).data.setRoles;

const rolesOf = async (server: TestServer, { userId }: Person): Promise<string[]> => {
  const rows = await queryDatabase<{ role: string }>(
    server.app.deps.db,
    `select role from user_roles where user_id = '${userId}' order by role`,
  );
  return rows.map(({ role }) => role);
};

const claimsVersionOf = async (server: TestServer, { userId }: Person): Promise<number> => {
  const [row] = await queryDatabase<{ version: number }>(
    server.app.deps.db,
    `select claims_version as version from users where id = '${userId}'`,
  );
  return row?.version ?? 0;
};

const eventsOf = (server: TestServer, type: string) =>
  queryDatabase<{ userId: string | null; actorId: string | null; detail: object }>(
    server.app.deps.db,
    `select user_id as "userId", actor_id as "actorId", detail from audit_events
      where type = '${type}' order by id desc`,
  );

test('setRoles replaces the roles, raises the claims version and is in the person’s own list', async ({
  server,
}) => {
  const { accessToken: token, userId: actorId } = await signUpAdministrator(server);
  const person = await signUp(server);
  for (const name of ['writer', 'reader'])
    await server.admin(PUT, { input: { name, permissions: ['articles:read'] } }, { token });
  const { userId } = person;
  const first = await setRoles(server, token, {
    userId,
    roles: ['writer', 'reader'],
    expected: [],
  });
  expect(first).toEqual({
    __typename: 'RolesSet',
    user: { id: userId, roles: [{ name: 'reader' }, { name: 'writer' }] },
  });
  expect(await claimsVersionOf(server, person)).toBe(2);
  const [event] = await eventsOf(server, 'ROLES_CHANGED');
  expect(event).toEqual({
    ...{ userId, actorId },
    detail: { added: 'writer reader', by: 'administrator' },
  });
  const own = await server.graphql(
    '{ viewer { securityEvents(first: 1) { edges { node { type ipAddress } } } } }',
    {},
    { token: person.accessToken },
  );
  expect(own.data.viewer.securityEvents.edges).toEqual([
    { node: { type: 'ROLES_CHANGED', ipAddress: null } },
  ]);

  // In any order, and without a change nothing is written.
  const roles = ['reader', 'writer'];
  expect(
    (await setRoles(server, token, { userId, roles, expected: ['writer', 'reader'] })).__typename,
  ).toBe('RolesSet');
  expect(await claimsVersionOf(server, person)).toBe(2);
  const stale = await setRoles(server, token, { userId, roles: [], expected: ['reader'] });
  expect(stale.__typename).toBe('ConflictError');
  const vanished = await setRoles(server, token, { userId, roles: ['gone'], expected: roles });
  expect(vanished.__typename).toBe('NotFoundError');
  const nobody = { userId: actorId.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
  expect((await setRoles(server, token, { ...nobody, roles: [], expected: [] })).__typename).toBe(
    'NotFoundError',
  );
  expect(await rolesOf(server, person)).toEqual(roles);
});

test('20 administrators who read the same roles: one change each round, and nobody undoes another’s', async ({
  server,
}) => {
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const person = await signUp(server);
  const names = Array.from({ length: 20 }, (_, n) => `racer-${n}`);
  const rounds = Array.from({ length: 5 }, (_, n) => `round-${n}`);
  for (const name of [...names, ...rounds])
    await server.admin(PUT, { input: { name, permissions: [] } }, { token });
  const machines = await Promise.all(names.map(() => adminToken(server, ['ROLES_WRITE'])));
  let expected: string[] = [];
  for (let round = 0; round < rounds.length; round += 1) {
    const answers = await Promise.all(
      names.map((name, n) =>
        setRoles(server, machines[n]?.token ?? '', {
          userId: person.userId,
          // Nobody wants what is there already: that would succeed without a change.
          roles: [name, `round-${round}`],
          expected,
        }),
      ),
    );
    const counts = Map.groupBy(answers, ({ __typename }) => __typename);
    expect(counts.get('RolesSet')).toHaveLength(1);
    expect(counts.get('ConflictError')).toHaveLength(19);
    expected = await rolesOf(server, person);
    expect(expected).toHaveLength(2);
  }
  expect(await claimsVersionOf(server, person)).toBe(6);
});

/** The callers, and their permissions of the API beside ROLES_WRITE. */
const ACTORS: Readonly<Record<string, readonly AdminPermission[]>> = {
  support: ['USERS_READ'],
  lead: ['USERS_READ', 'USERS_DELETE'],
  administrator: ['USERS_READ', 'USERS_DELETE', 'TOKENS_WRITE'],
};

/** The targets, their permissions of the API, and the callers that may act on them. */
const TARGETS: Readonly<
  Record<string, { has: readonly AdminPermission[]; by: readonly string[] }>
> = {
  nobody: { has: [], by: ['support', 'lead', 'administrator'] },
  reader: { has: ['USERS_READ'], by: ['support', 'lead', 'administrator'] },
  deleter: { has: ['USERS_DELETE'], by: ['lead', 'administrator'] },
  tokens: { has: ['TOKENS_WRITE', 'USERS_DELETE'], by: ['administrator'] },
};

test('AD-3: nobody alters somebody who has a permission they lack, and nobody gives such a permission: 3 callers × 4 targets', async ({
  server,
}) => {
  const machine = await adminToken(server, ['ROLES_WRITE']);
  await server.admin(PUT, { input: { name: 'harmless', permissions: [] } }, machine);
  for (const [actor, permissions] of Object.entries(ACTORS)) {
    const own = await signUpWithPermissions(server, `actor-${actor}`, [
      ...permissions,
      'ROLES_WRITE',
    ]);
    const token = own.accessToken;
    for (const [target, { has, by }] of Object.entries(TARGETS)) {
      const role = `${actor}-${target}`;
      const what = `${actor} on ${target}`;
      const isAllowed = by.includes(actor);
      // Alters who has it.
      const person = await signUp(server);
      await giveRole(server, person, role, has);
      const { userId } = person;
      const altered = await setRoles(server, token, {
        userId,
        roles: ['harmless'],
        expected: [role],
      });
      expect(altered.__typename, what).toBe(isAllowed ? 'RolesSet' : 'ForbiddenError');
      if (!isAllowed) expect(has).toContain(altered.permission);
      expect(await rolesOf(server, person), what).toEqual([isAllowed ? 'harmless' : role]);
      // Gives it, to somebody else and to themselves.
      for (const { userId: to, ...receiver } of [await signUp(server), own]) {
        const expected = await rolesOf(server, { ...receiver, userId: to });
        const given = await setRoles(server, token, {
          userId: to,
          roles: [...expected, role],
          expected,
        });
        expect(given.__typename, what).toBe(isAllowed ? 'RolesSet' : 'ForbiddenError');
      }
      // Defines it, takes it away from its definition, and removes it.
      const named = (name: string, adminPermissions: readonly string[]) =>
        server.admin(PUT, { input: { name, permissions: [], adminPermissions } }, { token });
      const defined = await named(`${role}-new`, has);
      expect(defined.data.putRole.__typename, what).toBe(
        isAllowed ? 'RoleSaved' : 'ForbiddenError',
      );
      const emptied = await named(role, []);
      expect(emptied.data.putRole.__typename, what).toBe(
        isAllowed ? 'RoleSaved' : 'ForbiddenError',
      );
      const removed = await server.admin(REMOVE, { input: { name: role } }, { token });
      expect(removed.data.removeRole.__typename, what).toBe(
        isAllowed ? 'RoleRemoved' : 'ForbiddenError',
      );
    }
  }
});

test('AD-3: a token is created with permissions of its creator alone, for a year at most', async ({
  server,
}) => {
  const person = await signUpWithPermissions(server, 'token-maker', ['TOKENS_WRITE', 'USERS_READ']);
  const create = async (permissions: readonly string[], days = 30) => {
    const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
    const { data } = await server.admin(
      `mutation ($input: CreateAdminTokenInput!) { createAdminToken(input: $input) { __typename
        ... on AdminTokenCreated { token adminToken { id name permissions createdBy lastUsedAt revokedAt } }
        ... on ForbiddenError { permission } ... on InvalidInputError { issues { path } } } }`,
      { input: { name: 'nightly job', permissions, expiresAt } },
      { token: person.accessToken },
    );
    return data.createAdminToken;
  };
  expect(await create(['USERS_READ', 'USERS_DELETE'])).toEqual({
    ...{ __typename: 'ForbiddenError', permission: 'USERS_DELETE' },
  });
  for (const days of [-1, 367]) {
    expect(await create([], days)).toEqual({
      ...{ __typename: 'InvalidInputError', issues: [{ path: ['input', 'expiresAt'] }] },
    });
  }
  const { token, adminToken: made } = await create(['USERS_READ'], 365);
  expect(made).toMatchObject({ permissions: ['USERS_READ'], createdBy: person.email });
  const read = await server.admin('{ roles { name } }', {}, { token });
  expect(read.errors).toEqual([]);
  const revoke = () =>
    server.admin(
      'mutation ($id: ID!) { revokeAdminToken(input: { adminTokenId: $id }) { __typename ... on AdminTokenRevoked { adminToken { revokedAt } } } }',
      { id: made.id },
      { token: person.accessToken },
    );
  const { revokedAt } = (await revoke()).data.revokeAdminToken.adminToken;
  expect((await revoke()).data.revokeAdminToken.adminToken.revokedAt).toBe(revokedAt);
  expect((await server.admin('{ roles { name } }', {}, { token })).data).toBeNull();
  expect(await eventsOf(server, 'ADMIN_TOKEN_REVOKED')).toMatchObject([
    { userId: null, actorId: person.userId, detail: { by: 'administrator', adminToken: made.id } },
  ]);
  const listed = await server.admin(
    '{ adminTokens { id createdBy } }',
    {},
    { token: person.accessToken },
  );
  expect(listed.data.adminTokens).toContainEqual({ id: made.id, createdBy: person.email });
  // The creator's account is deleted: the token's row names nobody.
  await queryDatabase(server.app.deps.db, `delete from users where id = '${person.userId}'`);
  const other = await adminToken(server, ['TOKENS_WRITE']);
  const after = await server.admin('{ adminTokens { id createdBy } }', {}, { token: other.token });
  expect(after.data.adminTokens).toContainEqual({ id: made.id, createdBy: 'deleted account' });
});

test('AD-6: a role’s changes are in the audit log with the token that made them, and make its holders’ claims stale', async ({
  server,
}) => {
  const { id, token } = await adminToken(server, ['ROLES_WRITE'], { name: 'deployment' });
  const person = await signUp(server);
  const put = async (input: object) => (await server.admin(PUT, { input }, { token })).data.putRole;
  expect(
    await put({ name: 'editor', description: 'Writes', permissions: ['b', 'a', 'a'] }),
  ).toEqual({
    __typename: 'RoleSaved',
    role: {
      name: 'editor',
      description: 'Writes',
      permissions: ['a', 'b'],
      adminPermissions: [],
      members: 0,
    },
  });
  expect(await eventsOf(server, 'ROLE_SAVED')).toContainEqual({
    ...{ userId: null, actorId: id },
    detail: {
      by: 'token',
      token: 'deployment',
      role: 'editor',
      permissions: 'a b',
      adminPermissions: '',
    },
  });
  await setRoles(server, token, { userId: person.userId, roles: ['editor'], expected: [] });
  expect(await claimsVersionOf(server, person)).toBe(2);
  // What is left out stays, and the same permissions change no claim.
  expect((await put({ name: 'editor', permissions: ['b', 'a'] })).role).toMatchObject({
    description: 'Writes',
    members: 1,
  });
  expect(await claimsVersionOf(server, person)).toBe(2);
  expect(
    (await put({ name: 'editor', description: null, permissions: ['a'] })).role.description,
  ).toBeNull();
  expect(await claimsVersionOf(server, person)).toBe(3);
  const removed = await server.admin(REMOVE, { input: { name: 'editor' } }, { token });
  expect(removed.data.removeRole.__typename).toBe('RoleRemoved');
  expect(await rolesOf(server, person)).toEqual([]);
  expect(await claimsVersionOf(server, person)).toBe(4);
  expect(
    (await server.admin(REMOVE, { input: { name: 'editor' } }, { token })).data.removeRole
      .__typename,
  ).toBe('NotFoundError');
});

test('LG-9: the built-in role keeps every permission, and cannot be removed', async ({
  server,
}) => {
  const { accessToken: token } = await signUpAdministrator(server);
  const put = async (input: object) => (await server.admin(PUT, { input }, { token })).data.putRole;
  expect(await put({ name: 'admin', permissions: [], adminPermissions: ['USERS_READ'] })).toEqual({
    __typename: 'InvalidInputError',
    issues: [{ path: ['input', 'adminPermissions'] }],
  });
  expect((await put({ name: 'admin', permissions: ['all'] })).role.adminPermissions).toHaveLength(
    14,
  );
  const removed = await server.admin(REMOVE, { input: { name: 'admin' } }, { token });
  expect(removed.data.removeRole.__typename).toBe('ConflictError');
  const { token: lesser } = await adminToken(server, ['ROLES_WRITE', 'USERS_READ']);
  const denied = await server.admin(
    PUT,
    { input: { name: 'admin', permissions: [] } },
    { token: lesser },
  );
  expect(denied.data.putRole.__typename).toBe('ForbiddenError');
});

test('AD-2: whoever may give roles reads nothing of a person but the id and the roles without USERS_READ', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId } = person;
  const input = { userId, roles: [], expected: [] };
  const read = async (permissions: readonly AdminPermission[], field: string) => {
    const { token } = await adminToken(server, ['ROLES_WRITE', ...permissions]);
    const document = `mutation ($input: SetRolesInput!) { setRoles(input: $input) {
      ... on RolesSet { user { id roles { name } ${field} } } } }`;
    return await server.admin(document, { input }, { token });
  };
  const personal = 'email emailVerified name attributes createdAt disabledAt hasPassword';
  for (const field of personal.split(' ')) {
    const { data, errors, text } = await read([], field);
    // Null where the field may be null; otherwise the whole response has no data.
    expect(data?.setRoles.user[field] ?? null, field).toBeNull();
    expect(errors[0]?.extensions?.['code'], field).toBe('FORBIDDEN');
    expect(text).not.toContain(person.email);
  }
  expect((await read([], '')).data.setRoles.user).toEqual({ id: userId, roles: [] });
  const { data } = await read(['USERS_READ'], personal);
  expect(data.setRoles.user).toMatchObject({ id: userId, email: person.email });
});
