import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { ADMIN_PERMISSION_NAMES, type AdminPermission } from '../../../src/role/permissions.ts';
import { adminToken } from '../../support/administrators.ts';
import { documentOf } from '../../support/documents.ts';
import { PASSWORD } from '../../support/journeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';
import { countMails, mailTitled } from '../account-care.ts';

/** What an administrator sends to invite a person, and what the invited person's browser sends. */

export const INVITE = `mutation ($input: InviteUserInput!) { inviteUser(input: $input) {
  __typename ... on UserInvited { invitation { id email roles invitedBy createdAt expiresAt } }
  ... on ForbiddenError { permission } ... on InvalidInputError { issues { path } } } }`;
export const REVOKE = `mutation ($input: RevokeInvitationInput!) { revokeInvitation(input: $input) {
  __typename ... on InvitationRevoked { id } } }`;
export const CREATE = `mutation ($input: CreateUserInput!) { createUser(input: $input) {
  __typename ... on UserCreated { user { id email emailVerified hasPassword name attributes roles { name } } }
  ... on ForbiddenError { permission } ... on InvalidInputError { issues { path } } } }`;
export const LIST = `query ($first: Int, $after: String) { invitations(first: $first, after: $after) {
  edges { cursor node { id email roles invitedBy } } pageInfo { hasNextPage endCursor } } }`;
export const ACCEPT = documentOf('acceptInvitation');

export const INVITATION_TITLE = 'You are invited to Latchkey';

/** Calls a mutation of the administrators' API. */
export async function administer(
  server: TestServer,
  token: string,
  mutation: string,
  input: object,
) {
  const { data, errors } = await server.admin(mutation, { input }, { token });
  expect(errors).toEqual([]);
  const [answer] = Object.values(data);
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into the answer as the client wrote it
  return answer as any;
}

/** A machine that may do everything, or only this. */
export const machine = async (
  server: TestServer,
  permissions: readonly AdminPermission[] = ADMIN_PERMISSION_NAMES,
) => (await adminToken(server, permissions)).token;

/** Invites an address, and reads the token of the mail. */
export async function invite(
  server: TestServer,
  input: { email: string } & Readonly<Record<string, unknown>>,
) {
  const before = countMails(server, input.email, INVITATION_TITLE);
  const invited = await administer(server, await machine(server), INVITE, input);
  expect(invited.__typename).toBe('UserInvited');
  const mail = await mailTitled(server, input.email, INVITATION_TITLE, before + 1);
  return { ...mail, invitation: invited.invitation as { readonly id: string } };
}

/** Creates an account, and reads the token of its invitation. */
export async function createInvited(
  server: TestServer,
  input: { email: string } & Readonly<Record<string, unknown>>,
) {
  const before = countMails(server, input.email, INVITATION_TITLE);
  const created = await administer(server, await machine(server), CREATE, input);
  expect(created.__typename).toBe('UserCreated');
  const mail = await mailTitled(server, input.email, INVITATION_TITLE, before + 1);
  return { ...mail, userId: created.user.id as string };
}

/** Presents a token with what the invited person typed. */
export async function accept(
  server: TestServer,
  token: string,
  typed: { password?: string | null; name?: string } = { password: PASSWORD },
  from: Parameters<TestServer['graphql']>[2] = {},
) {
  const { data } = await server.graphql(ACCEPT, { input: { token, ...typed } }, from);
  return data.acceptInvitation;
}

/** Writes an invitation past every check. */
export async function plantInvitation(
  server: TestServer,
  invited: { readonly email: string; readonly userId?: string },
): Promise<string> {
  const { db, clock } = server.app.deps;
  const token = `lki_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(token).digest('hex');
  const now = clock.now().toISOString();
  await queryDatabase(
    db,
    sql`insert into invitations (id, email, user_id, token_hash, roles, invited_by_name, created_at, expires_at)
      values (gen_random_uuid(), ${invited.email}, ${invited.userId ?? null}::uuid, decode(${hash}, 'hex'), '{}', 'test',
        ${now}::timestamptz, ${now}::timestamptz + interval '7 days')`,
  );
  return token;
}

/** What the database says about an address. */
export async function stateOf(server: TestServer, email: string) {
  const [row] = await queryDatabase<{
    accounts: number;
    verified: boolean;
    name: string | null;
    roles: string | null;
    sessions: number;
    invitations: number;
  }>(
    server.app.deps.db,
    sql`select count(u.id)::int as accounts, bool_or(u.email_verified_at is not null) as verified, max(u.name) as name,
      (select string_agg(role, ' ' order by role) from user_roles where user_id in (select id from users where email = ${email})) as roles,
      (select count(*)::int from sessions s where s.revoked_at is null and user_id in (select id from users where email = ${email})) as sessions,
      (select count(*)::int from invitations where email = ${email}) as invitations
      from users u where u.email = ${email}`,
  );
  return row;
}
