import { expect } from 'vitest';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import { adminToken } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { signIn, signUp } from '../support/journeys.ts';

const test = testWithServer();

const PERSON = `mutation ($userId: ID!, $after: String) {
  setRoles(input: { userId: $userId, roles: [], expected: [] }) { ... on RolesSet { user {
    mfa { enabled totp email passkey backupCodesRemaining } passkeys { id } identities { id }
    sessions(first: 1, after: $after) {
      edges { cursor node { id methods ipAddress userAgent } } pageInfo { hasNextPage endCursor }
    } } } } }`;

test('AD-7: the sessions of a person come page by page, and another person’s cursor is refused', async ({
  server,
}) => {
  const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const person = await signUp(server);
  await signIn(server, person);
  const page = async (userId: string, after: string | null) =>
    await server.admin(PERSON, { userId, after }, { token });
  const { user } = (await page(person.userId, null)).data.setRoles;
  expect(user.mfa).toEqual({
    ...{ enabled: false, totp: false, email: false, passkey: false, backupCodesRemaining: 0 },
  });
  expect([user.passkeys, user.identities]).toEqual([[], []]);
  const [{ cursor }] = user.sessions.edges;
  expect(user.sessions.pageInfo).toEqual({ hasNextPage: true, endCursor: cursor });
  const last = (await page(person.userId, cursor)).data.setRoles.user.sessions;
  expect(last.pageInfo.hasNextPage).toBe(false);
  expect(last.edges[0].node.id).toBe(person.sessionId);
  const stranger = await signUp(server);
  const { errors } = await page(stranger.userId, cursor);
  expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
});
