import { sql } from 'drizzle-orm';
import { getNamedType, isInputObjectType } from 'graphql';
import { expect } from 'vitest';
import { createAdminSchema } from '../../src/admin/schema.ts';
import { after, DAY } from '../../src/kernel/duration.ts';
import { newId } from '../../src/kernel/id.ts';
import { ADMIN_PERMISSIONS, type AdminPermission } from '../../src/role/permissions.ts';
import { operations } from '../graphql-engine/schema-inputs.ts';
import { isSignedIn } from '../journeys/account-care.ts';
import { giveRole, signUpAdministrator, signUpWithPermissions } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer({ env: { IMPERSONATION: 'true' } });

const schema = createAdminSchema();

/** Every mutation whose input names a person by `userId`. Deletion comes last: nothing acts on nobody. */
const ACTS = operations(schema)
  .filter(({ name }) => {
    const input = getNamedType(schema.getMutationType()?.getFields()[name]?.args[0]?.type);
    return isInputObjectType(input) && 'userId' in input.getFields();
  })
  .sort((a, b) => Number(a.name === 'deleteUser') - Number(b.name === 'deleteUser'));

/** Runs an act with its example input on a person. */
async function actOn(
  server: TestServer,
  { name, document, inputs }: (typeof ACTS)[number],
  userId: string,
  token: string,
): Promise<{ readonly __typename: string; readonly permission?: string }> {
  const asked = document.replace('__typename', '__typename ... on ForbiddenError { permission }');
  const input = { ...inputs[0], userId };
  const { data, text } = await server.admin(asked, { input }, { token });
  expect(data, text).not.toBeNull();
  return data[name];
}

/** Makes a person without a sign-up, which is not the subject. */
async function makePerson(server: TestServer): Promise<string> {
  const id = newId(server.app.deps);
  await queryDatabase(
    server.app.deps.db,
    sql`insert into users (id, email, email_verified_at, password_hash, created_at, updated_at)
      values (${id}::uuid, ${`${id}@example.com`}, now(), 'x', now(), now())`,
  );
  return id;
}

/** Everything that the acts could change of a person, and the number of events about them. */
const stateOf = (server: TestServer, id: string) =>
  queryDatabase(
    server.app.deps.db,
    sql`select to_jsonb(users) as row,
        (select count(*) from audit_events where user_id = users.id) as events,
        (select array_agg(role order by role) from user_roles where user_id = users.id) as roles
      from users where id = ${id}::uuid`,
  );

/** What each caller may do beside every permission that the acts require. */
const CALLERS: Readonly<Record<string, readonly AdminPermission[]>> = {
  support: ['USERS_READ'],
  lead: ['USERS_READ', 'USERS_EXPORT'],
  security: ['USERS_READ', 'USERS_EXPORT', 'TOKENS_WRITE'],
};

/** The targets, what they may do, and the callers who may act on them. */
const TARGETS: Readonly<
  Record<string, { has: readonly AdminPermission[]; by: readonly string[] }>
> = {
  nobody: { has: [], by: ['support', 'lead', 'security'] },
  reader: { has: ['USERS_READ', 'USERS_WRITE'], by: ['support', 'lead', 'security'] },
  exporter: { has: ['USERS_EXPORT'], by: ['lead', 'security'] },
  tokens: { has: ['TOKENS_WRITE', 'USERS_EXPORT'], by: ['security'] },
};

const REQUIRED: readonly AdminPermission[] = [
  ...([
    'USERS_WRITE',
    'USERS_DELETE',
    'USERS_IMPERSONATE',
    'SESSIONS_REVOKE',
    'ROLES_WRITE',
  ] as const),
];

test('AD-3: nobody acts on somebody who has a permission they lack: every act × 3 callers × 4 targets', async ({
  server,
}) => {
  expect(ACTS.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['updateUser', 'disableUser', 'enableUser', 'removeSecondFactors', 'removeUserPasskey'],
      ...[
        'unlinkUserIdentity',
        'sendPasswordReset',
        'revokeUserSessions',
        'deleteUser',
        'setRoles',
      ],
    ]),
  );
  for (const [caller, extra] of Object.entries(CALLERS)) {
    const role = `caller-${caller}`;
    const { accessToken } = await signUpWithPermissions(server, role, [...REQUIRED, ...extra]);
    for (const [target, { has, by }] of Object.entries(TARGETS)) {
      const userId = await makePerson(server);
      await giveRole(server, { userId }, `target-${target}`, has);
      const before = await stateOf(server, userId);
      for (const act of ACTS) {
        const what = `${caller}: ${act.name} on ${target}`;
        const { __typename, permission } = await actOn(server, act, userId, accessToken);
        if (by.includes(caller)) {
          // The permission that is missing is never one of the target's.
          expect(has, what).not.toContain(permission);
          continue;
        }
        expect(__typename, what).toBe('ForbiddenError');
        expect(has, what).toContain(permission);
        expect(await stateOf(server, userId), what).toEqual(before);
      }
      const isThere = (await stateOf(server, userId)).length === 1;
      expect(isThere, `${caller} deletes ${target}`).toBe(!by.includes(caller));
    }
  }
});

test('AD-3: an address with an account is an act on that person: resetLimits and resendVerification', async ({
  server,
}) => {
  const { accessToken: token } = await signUpWithPermissions(server, 'desk', ['USERS_WRITE']);
  const userId = await makePerson(server);
  const email = `${userId}@example.com`;
  const acts = [
    ['resetLimits', 'ResetLimitsInput', { email, reason: 'x' }],
    ['resendVerification', 'ResendVerificationInput', { email }],
  ] as const;
  await giveRole(server, { userId }, 'stronger', ['USERS_DELETE']);
  await queryDatabase(
    server.app.deps.db,
    sql`update users set email_verified_at = null where id = ${userId}::uuid`,
  );
  for (const [name, type, input] of acts) {
    const document = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on ForbiddenError { permission } } }`;
    const { data } = await server.admin(document, { input }, { token });
    expect(data[name]).toEqual({ __typename: 'ForbiddenError', permission: 'USERS_DELETE' });
  }
});

test('NotFoundError: no act finds a person who does not exist', async ({ server }) => {
  const { accessToken } = await signUpAdministrator(server);
  for (const act of ACTS) {
    for (const userId of [newId(server.app.deps), 'nobody']) {
      const { __typename } = await actOn(server, act, userId, accessToken);
      expect(__typename, act.name).toBe('NotFoundError');
    }
  }
});

/** On their own pages, people can undo these with a mailed link; or would lock themselves out with the last one. */
const NEVER_ON_ONESELF = [
  ...[
    'disableUser',
    'deleteUser',
    'removeSecondFactors',
    'removeUserPasskey',
    'unlinkUserIdentity',
  ],
];

/** An admin token that a caller makes for themselves, with what the acts on oneself would need. */
async function makeToken(server: TestServer, by: string): Promise<string> {
  const input = {
    name: 'of my own',
    permissions: Object.keys(ADMIN_PERMISSIONS),
    expiresAt: after(new Date(), DAY).toISOString(),
  };
  const document = `mutation ($input: CreateAdminTokenInput!) { createAdminToken(input: $input) {
    ... on AdminTokenCreated { token } } }`;
  const { data } = await server.admin(document, { input }, { token: by });
  return data.createAdminToken.token;
}

test('PR-12: a thief of an administrator’s session finds no way around the undo, and nobody disables themselves', async ({
  server,
}) => {
  const self = await signUpAdministrator(server);
  for (const act of ACTS.filter(({ name }) => NEVER_ON_ONESELF.includes(name))) {
    const { __typename } = await actOn(server, act, self.userId, self.accessToken);
    expect(__typename, act.name).toBe('InvalidInputError');
  }
  // Nor with a token that the session makes, or one that such a token makes.
  const token = await makeToken(server, self.accessToken);
  for (const made of [token, await makeToken(server, token)]) {
    for (const act of ACTS.filter(({ name }) => NEVER_ON_ONESELF.includes(name))) {
      const { __typename } = await actOn(server, act, self.userId, made);
      expect(__typename, `${act.name} by a token`).toBe('InvalidInputError');
    }
  }
  expect(await isSignedIn(server, self)).toBe(true);
  // Another administrator may, and a person may change their own name.
  const other = await signUpAdministrator(server);
  const byName = (name: string) => {
    const found = ACTS.find((one) => one.name === name);
    if (!found) throw new Error(`There is no ${name}.`);
    return found;
  };
  const own = await actOn(server, byName('updateUser'), self.userId, self.accessToken);
  expect(own.__typename).toBe('UserUpdated');
  const disabled = await actOn(server, byName('disableUser'), self.userId, other.accessToken);
  expect(disabled.__typename).toBe('UserDisabled');
});
