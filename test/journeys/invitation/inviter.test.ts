import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { run } from '../../../src/db/executor.ts';
import { noRows } from '../../../src/db/statement.ts';
import { transaction } from '../../../src/db/transaction.ts';
import { ADMIN_PERMISSION_NAMES, type AdminPermission } from '../../../src/role/permissions.ts';
import { adminToken, signUpWithPermissions } from '../../support/administrators.ts';
import { testWithServer } from '../../support/fixture.ts';
import type { Person } from '../../support/journeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';
import { trialsOr } from '../../support/trials.ts';
import { mailTitled } from '../account-care.ts';
import { accept, administer, CREATE, INVITATION_TITLE, invite, machine, stateOf } from './acts.ts';

const test = testWithServer({
  env: {
    DEFAULT_ROLES: 'member',
    CLAIMS: '{"notes":"$attributes.notes"}',
    RATE_LIMITS: '{"administration":{"allowance":60000,"period":"10m"}}',
  },
});

const INVITE = `mutation ($input: InviteUserInput!) { inviteUser(input: $input) {
  __typename ... on UserInvited { invitation { id } } } }`;
const PUT = `mutation ($input: PutRoleInput!) { putRole(input: $input) { __typename } }`;
const SET = `mutation ($input: SetRolesInput!) { setRoles(input: $input) { __typename } }`;
const DISABLE = `mutation ($input: DisableUserInput!) { disableUser(input: $input) { __typename } }`;
const DELETE = `mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { __typename } }`;
const UPDATE = `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { __typename } }`;
const REVOKE_TOKEN = `mutation ($input: RevokeAdminTokenInput!) { revokeAdminToken(input: $input) { __typename } }`;
const CREATE_TOKEN = `mutation ($input: CreateAdminTokenInput!) { createAdminToken(input: $input) {
  __typename ... on AdminTokenCreated { token adminToken { id } } } }`;

let count = 0;
const newName = (of: string) => `${of}-${++count}-${randomBytes(4).toString('hex')}`;
const newAddress = () => `${newName('invited')}@example.com`;

/** Makes or changes a role through the API. */
async function put(
  server: TestServer,
  role: { readonly name: string; readonly adminPermissions?: readonly AdminPermission[] },
) {
  const saved = await administer(server, await machine(server), PUT, { permissions: [], ...role });
  expect(saved.__typename).toBe('RoleSaved');
}

/** A new role with these permissions of the administrators' API. */
async function newRole(server: TestServer, adminPermissions: readonly AdminPermission[] = []) {
  const name = newName('role');
  await put(server, { name, adminPermissions });
  return name;
}

/** Invites as this caller. @returns the token of the mail, and the address */
async function inviteAs(server: TestServer, caller: string, roles: readonly string[]) {
  const email = newAddress();
  const answer = await administer(server, caller, INVITE, { email, roles });
  expect(answer.__typename).toBe('UserInvited');
  const { token } = await mailTitled(server, email, INVITATION_TITLE, 1);
  return { email, token, id: answer.invitation.id };
}

/** Accepts. @returns the permissions of the invited person, their roles, and what the audit log says */
async function acceptAs(server: TestServer, { token, email }: { token: string; email: string }) {
  const answer = await accept(server, token);
  expect(answer.__typename).toBe('SignedIn');
  const seen = await server.admin('{ caller { permissions } }', {}, { token: answer.accessToken });
  const [event] = await queryDatabase<{ detail: Readonly<Record<string, string>> }>(
    server.app.deps.db,
    sql`select detail from audit_events where type = 'INVITATION_ACCEPTED'
      and user_id = (select id from users where email = ${email})`,
  );
  const state = await stateOf(server, email);
  return {
    ...{ permissions: seen.data.caller.permissions, roles: state?.roles, detail: event?.detail },
    accessToken: answer.accessToken as string,
  };
}

test('AD-3: a role that gained permissions since the invitation, which the inviter lacks, is not given', async ({
  server,
}) => {
  const support = await newRole(server);
  const other = await newRole(server);
  const inviter = await signUpWithPermissions(server, newName('inviting'), [
    'USERS_WRITE',
    'USERS_READ',
  ]);
  const invitation = await inviteAs(server, inviter.accessToken, [other, support]);
  await put(server, { name: support, adminPermissions: ['USERS_READ', 'USERS_DELETE'] });
  expect(await acceptAs(server, invitation)).toMatchObject({
    ...{ permissions: [], roles: `member ${other}` },
    detail: { invitation: invitation.id, roles: other, skipped: support },
  });
});

test('a role that gained permissions since the invitation, all of which the inviter has, is given', async ({
  server,
}) => {
  const support = await newRole(server);
  const inviter = await signUpWithPermissions(server, newName('inviting'), [
    'USERS_WRITE',
    'USERS_READ',
  ]);
  const invitation = await inviteAs(server, inviter.accessToken, [support]);
  await put(server, { name: support, adminPermissions: ['USERS_READ'] });
  const { permissions, detail } = await acceptAs(server, invitation);
  expect(permissions).toEqual(['USERS_READ']);
  expect(detail).toEqual({ invitation: invitation.id, roles: support });
});

/** What can happen to an administrator between the invitation and its acceptance. */
const ENDS: Readonly<Record<string, (server: TestServer, one: Person, role: string) => unknown>> = {
  'is disabled': async (server, { userId }) =>
    await administer(server, await machine(server), DISABLE, { userId, reason: 'dismissed' }),
  'is deleted': async (server, { userId }) =>
    await administer(server, await machine(server), DELETE, { userId, reason: 'dismissed' }),
  'lost the role': async (server, { userId }, role) =>
    await administer(server, await machine(server), SET, {
      ...{ userId, roles: ['member'], expected: ['member', role] },
    }),
  'holds a role that lost the permission': (server, _one, role) =>
    put(server, { name: role, adminPermissions: ['USERS_WRITE'] }),
  'has an address that nobody has proven': (server, { userId }) =>
    queryDatabase(
      server.app.deps.db,
      sql`update users set email_verified_at = null where id = ${userId}::uuid`,
    ),
  'has had a second factor for less than a day': (server, { userId }) =>
    queryDatabase(
      server.app.deps.db,
      sql`insert into email_factors (user_id, confirmed_at) values (${userId}::uuid, now())`,
    ),
};

for (const [end, happen] of Object.entries(ENDS)) {
  test(`AD-3: if the inviter ${end}, the invitation gives no permission, and its other roles`, async ({
    server,
  }) => {
    const [plain, deleting] = [await newRole(server), await newRole(server, ['USERS_DELETE'])];
    const own = newName('inviting');
    const inviter = await signUpWithPermissions(server, own, ['USERS_WRITE', 'USERS_DELETE']);
    const invitation = await inviteAs(server, inviter.accessToken, [plain, deleting]);
    await happen(server, inviter, own);
    expect(await acceptAs(server, invitation)).toMatchObject({
      ...{ permissions: [], roles: `member ${plain}` },
      detail: { roles: plain, skipped: deleting },
    });
  });
}

test('AD-3: an invitation of a token gives permissions while the token has them', async ({
  server,
}) => {
  const deleting = await newRole(server, ['USERS_DELETE']);
  const all = { id: '', token: await machine(server) };
  const kept = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const revoked = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const own = newName('making');
  const creator = await signUpWithPermissions(server, own, [
    ...(['TOKENS_WRITE', 'USERS_WRITE', 'USERS_DELETE'] as const),
  ]);
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const made = await administer(server, creator.accessToken, CREATE_TOKEN, {
    ...{ name: 'job', permissions: ['USERS_WRITE', 'USERS_DELETE'], expiresAt },
  });
  const invitations = {
    kept: await inviteAs(server, kept.token, [deleting]),
    revoked: await inviteAs(server, revoked.token, [deleting]),
    early: await inviteAs(server, made.token, [deleting]),
    late: await inviteAs(server, made.token, [deleting]),
  };
  await administer(server, all.token, REVOKE_TOKEN, { adminTokenId: revoked.id });
  expect((await acceptAs(server, invitations.kept)).permissions).toEqual(['USERS_DELETE']);
  expect((await acceptAs(server, invitations.revoked)).permissions).toEqual([]);
  expect((await acceptAs(server, invitations.early)).permissions).toEqual(['USERS_DELETE']);
  // The token of a person has only what this person has.
  await put(server, { name: own, adminPermissions: ['USERS_WRITE'] });
  expect((await acceptAs(server, invitations.late)).permissions).toEqual([]);
});

/** Waits until this many statements wait for a lock. */
async function untilWaiting({ app }: TestServer, wanted: number) {
  const waiting = sql`select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  await expect
    .poll(async () => (await queryDatabase(app.deps.db, waiting)).length, { timeout: 10_000 })
    .toBe(wanted);
}

/** Does something while a transaction that has run this statement is open. */
async function whileOpen<T>(
  server: TestServer,
  statement: ReturnType<typeof sql>,
  { waiting, work }: { readonly waiting: number; readonly work: () => Promise<T> },
) {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const open = transaction(server.app.deps.db, async (tx) => {
    await run(tx, noRows(statement));
    begin();
    await ended;
  });
  await begun;
  const working = work();
  try {
    await untilWaiting(server, waiting);
  } finally {
    end();
  }
  await open;
  return await working;
}

test('AD-3: an acceptance waits for a dismissal of the inviter that is under way', async ({
  server,
}) => {
  const deleting = await newRole(server, ['USERS_DELETE']);
  const own = newName('inviting');
  const inviter = await signUpWithPermissions(server, own, ['USERS_WRITE', 'USERS_DELETE']);
  const invitation = await inviteAs(server, inviter.accessToken, [deleting]);
  const dismissal = sql`update users set disabled_at = now() where id = ${inviter.userId}::uuid`;
  const accepted = await whileOpen(server, dismissal, {
    waiting: 1,
    work: () => acceptAs(server, invitation),
  });
  expect(accepted.permissions).toEqual([]);
});

test('CL-3: roles with which the access token would be too large are left out, and the acceptance succeeds', async ({
  server,
}) => {
  const root = await machine(server);
  const names = Array.from({ length: 10 }, () => newName('q'.repeat(40)));
  for (const name of names) await put(server, { name });
  const email = newAddress();
  const { user } = await administer(server, root, CREATE, { email, roles: names.slice(0, 1) });
  const { token } = await invite(server, { email, roles: names });
  const attributes = { notes: 'x'.repeat(900) };
  const updated = await administer(server, root, UPDATE, { userId: user.id, attributes });
  expect(updated.__typename).toBe('UserUpdated');
  const { roles, detail, accessToken } = await acceptAs(server, { email, token });
  // What the account had before the invitation stays.
  expect(roles).toBe(['member', ...names.slice(0, 1)].sort().join(' '));
  expect(detail).toMatchObject({ roles: names[0], skipped: names.slice(1).join(' ') });
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
  expect(claims.notes).toHaveLength(900);
});

test('AD-3: an invitation, or a new account, and a change of its role never wait for each other', async ({
  server,
}) => {
  // The name sorts before the one of the caller's role, so it must be locked first.
  const given = newName('aaa');
  await put(server, { name: given });
  const permissions = ['USERS_WRITE', 'USERS_READ', 'ROLES_WRITE'] as const;
  const own = newName('zzz');
  const [one, other] = [
    await signUpWithPermissions(server, own, permissions),
    await signUpWithPermissions(server, own, permissions),
  ];
  const change = { name: given, permissions: ['read'] };
  const act = (token: string, mutation: string, input: object) =>
    server.admin(mutation, { input }, { token });
  const lock = sql`select from users where id = ${one.userId}::uuid for update`;
  for (const mutation of [INVITE, CREATE]) {
    const answers = await whileOpen(server, lock, {
      waiting: 2,
      work: async () => {
        const inviting = act(one.accessToken, mutation, { email: newAddress(), roles: [given] });
        await untilWaiting(server, 1);
        return await Promise.all([inviting, act(other.accessToken, PUT, change)]);
      },
    });
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  }
});

test('SE-9: no acceptance, no invitation and no change of a role fails because of the others', async ({
  server,
}) => {
  const given = newName('aaa');
  await put(server, { name: given, adminPermissions: ['USERS_READ'] });
  const own = newName('zzz');
  const all = ADMIN_PERMISSION_NAMES;
  const [one, other] = [
    await signUpWithPermissions(server, own, all),
    await signUpWithPermissions(server, own, all),
  ];
  let accepted = 0;
  for (let trial = 0; trial < trialsOr(6); trial += 1) {
    const invitation = await inviteAs(server, one.accessToken, [given]);
    const change = { name: given, permissions: [`p${trial}`], adminPermissions: ['USERS_READ'] };
    const by = { token: other.accessToken };
    const invited = { email: newAddress(), roles: [given] };
    const subject = { userId: one.userId, roles: [own], expected: [own] };
    const [answer, ...acts] = await Promise.all([
      accept(server, invitation.token, undefined, { address: `198.51.100.${trial % 250}` }),
      server.admin(PUT, { input: change }, by),
      server.admin(INVITE, { input: invited }, { token: one.accessToken }),
      server.admin(SET, { input: subject }, by),
    ]);
    expect(acts.flatMap(({ errors }) => errors)).toEqual([]);
    if (answer?.__typename === 'SignedIn') accepted += 1;
  }
  expect(accepted).toBe(trialsOr(6));
});
