import { expect } from 'vitest';
import { identifyCaller } from '../../src/admin/caller.ts';
import { adminTransaction } from '../../src/admin/transaction.ts';
import { personOf } from '../../src/administrator/caller.ts';
import { run } from '../../src/db/executor.ts';
import { transaction } from '../../src/db/transaction.ts';
import { HOUR, MINUTE } from '../../src/kernel/duration.ts';
import { MissingPermissionError } from '../../src/kernel/errors.ts';
import { ADMIN_PERMISSION_NAMES } from '../../src/role/permissions.ts';
import { lockLiveSessionForUpdate } from '../../src/session/store.ts';
import {
  adminToken,
  giveRole,
  grant,
  proveSecondFactor,
  signUpAdministrator,
  signUpWithPermissions,
} from '../support/administrators.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

const CALLER = '{ caller { kind name permissions } }';
const ROLES = '{ roles { name } }';
const PUT = `mutation ($input: PutRoleInput!) { putRole(input: $input) {
  __typename ... on ForbiddenError { permission } ... on StepUpRequiredError { maxAgeSeconds } } }`;
const put = (name: string) => ({ input: { name, permissions: [] } });
/** The request of a signed-in person. */
async function requestOf(server: TestServer, { userId, sessionId }: Person) {
  const { db, clock } = server.app.deps;
  const viewer = await transaction(db, (tx) =>
    run(tx, lockLiveSessionForUpdate({ sessionId, userId, now: clock.now() })),
  );
  if (!viewer) throw new Error('The session has ended.');
  const client = { ipAddress: null, userAgent: null, requestId: 'test' };
  return { caller: await personOf(server.app.deps, db, viewer), client };
}

const codesOf = ({ errors }: { errors: readonly { extensions?: Record<string, unknown> }[] }) =>
  errors.map(({ extensions }) => extensions?.['code']);

test('AD-1: the administrators’ path is not on the public port, and their port has nothing else of the public one but /graphql', async ({
  server,
}) => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  };
  expect((await server.request('/admin/graphql', init)).status).toBe(404);
  const onAdminPort = async (path: string) =>
    (await server.app.admin?.fetch(new Request(`http://localhost:4001${path}`, init)))?.status;
  expect(await onAdminPort('/admin/graphql')).toBe(200);
  expect(await onAdminPort('/graphql')).toBe(200);
  for (const path of ['/', '/admin', '/health/ready', '/.well-known/jwks.json', '/dev/mailbox'])
    expect(await onAdminPort(path), path).toBe(404);
});

test('AD-1: without ADMIN_PORT there is no such listener', async () => {
  const { startTestServer } = await import('../support/server.ts');
  const server = await startTestServer({ env: { PORT: '65535' } });
  expect(server.app.deps.config.admin.port).toBeNull();
  expect(server.app.admin).toBeNull();
  await server.close();
});

test('LG-9: there is no administrator until the command line makes one, and none after it took the role', async ({
  server,
}) => {
  const person = await signUp(server);
  await proveSecondFactor(server, person);
  const as = { token: person.accessToken };
  expect((await server.admin(CALLER, {}, as)).data.caller).toEqual({
    kind: 'PERSON',
    name: person.email,
    permissions: [],
  });
  expect(codesOf(await server.admin(ROLES, {}, as))).toEqual(['FORBIDDEN']);
  await grant(server, person);
  const { data } = await server.admin(CALLER, {}, as);
  expect([...data.caller.permissions].sort()).toEqual([...ADMIN_PERMISSION_NAMES].sort());
  expect((await server.admin(ROLES, {}, as)).data.roles).toEqual([{ name: 'admin' }]);
  const taken = await latchkey(`admins revoke ${person.email}`, { config: server.app.deps.config });
  expect(taken.out).toEqual([`${person.email} is no longer an administrator.`]);
  expect(codesOf(await server.admin(ROLES, {}, as))).toEqual(['FORBIDDEN']);
  expect((await server.admin(PUT, put('late'), as)).data.putRole.__typename).toBe('ForbiddenError');
});

test('AD-5: a person reads with a second factor of at most 12 hours, and writes with one of at most STEP_UP_MAX_AGE', async ({
  server,
}) => {
  const person = await signUpAdministrator(server);
  const as = { token: person.accessToken };
  const at = async (age: number | null) => {
    const provenAt = age === null ? null : new Date(clock.now().getTime() - age);
    await proveSecondFactor(server, person, provenAt);
    const read = await server.admin(ROLES, {}, as);
    const write = await server.admin(PUT, put('fresh'), as);
    return [codesOf(read)[0] ?? 'data', write.data.putRole.__typename];
  };
  expect(await at(0)).toEqual(['data', 'RoleSaved']);
  expect(await at(10 * MINUTE)).toEqual(['data', 'RoleSaved']);
  expect(await at(10 * MINUTE + 1)).toEqual(['data', 'StepUpRequiredError']);
  expect(await at(12 * HOUR)).toEqual(['data', 'StepUpRequiredError']);
  expect(await at(12 * HOUR + 1)).toEqual(['STEP_UP_REQUIRED', 'StepUpRequiredError']);
  expect(await at(null)).toEqual(['STEP_UP_REQUIRED', 'StepUpRequiredError']);
});

test('AD-5: a token works until it expires or is revoked, and the database has no part of it', async ({
  server,
}) => {
  const { id, token } = await adminToken(server, ['USERS_READ'], { lifetime: HOUR });
  expect(token).toMatch(/^lka_[A-Za-z0-9_-]{43}$/);
  const read = () => server.admin(ROLES, {}, { token });
  expect((await read()).data.roles).toBeInstanceOf(Array);
  const [row] = await queryDatabase<{ text: string }>(
    server.app.deps.db,
    `select admin_tokens::text as text from admin_tokens where id = '${id}'`,
  );
  expect(row?.text).toContain('machine');
  // Bytes are hexadecimal in the text of a row.
  const secret = Buffer.from(token.slice(4), 'base64url');
  for (const part of [
    token,
    token.slice(4),
    Buffer.from(token).toString('hex'),
    secret.toString('hex'),
  ])
    expect(row?.text).not.toContain(part);
  clock.advance(HOUR - 1);
  expect((await read()).data.roles).toBeInstanceOf(Array);
  clock.advance(1);
  expect(codesOf(await read())).toEqual(['UNAUTHENTICATED']);

  const second = await adminToken(server, ['USERS_READ', 'TOKENS_WRITE']);
  const as = { token: second.token };
  expect((await server.admin(CALLER, {}, as)).data.caller.kind).toBe('TOKEN');
  const revoked = await latchkey(`admin-tokens revoke ${second.id}`, {
    config: server.app.deps.config,
  });
  expect(revoked.code).toBe(0);
  expect(codesOf(await server.admin(CALLER, {}, as))).toEqual(['UNAUTHENTICATED']);
});

test('AD-5: the last use of a token is known to the minute', async ({ server }) => {
  const { id, token } = await adminToken(server, []);
  const lastUse = async () => {
    const [row] = await queryDatabase<{ at: Date | null }>(
      server.app.deps.db,
      `select last_used_at as at from admin_tokens where id = '${id}'`,
    );
    return row?.at?.getTime();
  };
  expect(await lastUse()).toBeUndefined();
  await server.admin(CALLER, {}, { token });
  const first = clock.now().getTime();
  expect(await lastUse()).toBe(first);
  clock.advance(MINUTE / 2);
  await server.admin(CALLER, {}, { token });
  expect(await lastUse()).toBe(first);
  clock.advance(MINUTE);
  await server.admin(CALLER, {}, { token });
  expect(await lastUse()).toBe(clock.now().getTime());
});

test('AD-5: an admin token is no access token, and gives nothing on the public API', async ({
  server,
}) => {
  const { token } = await adminToken(server, ADMIN_PERMISSION_NAMES);
  const { data } = await server.graphql('{ viewer { user { id } } }', {}, { token });
  expect(data.viewer).toBeNull();
  for (const wrong of [
    `${token}x`,
    token.slice(0, -1),
    token.toUpperCase(),
    `lka_${'A'.repeat(43)}`,
  ])
    expect(codesOf(await server.admin(CALLER, {}, { token: wrong }))).toEqual(['UNAUTHENTICATED']);
});

test('SE-9: of two mutations in one request, the second does not count on what the first took away', async ({
  server,
}) => {
  const { id, token } = await adminToken(server, ['TOKENS_WRITE', 'ROLES_WRITE']);
  const both = `mutation ($id: ID!, $input: PutRoleInput!) {
    revokeAdminToken(input: { adminTokenId: $id }) { __typename }
    putRole(input: $input) { __typename }
  }`;
  const { data } = await server.admin(both, { id, ...put('afterwards') }, { token });
  expect(data.revokeAdminToken.__typename).toBe('AdminTokenRevoked');
  expect(data.putRole.__typename).toBe('NotAuthenticatedError');
});

test('SE-9: a permission that is taken between the guard and the transaction counts no more', async ({
  server,
}) => {
  const { id, token } = await adminToken(server, ['TOKENS_WRITE', 'ROLES_WRITE']);
  const { deps } = server.app;
  const caller = await identifyCaller(deps, `Bearer ${token}`, async () => null);
  if (!caller) throw new Error('The token is not known.');
  const client = { ipAddress: null, userAgent: null, requestId: 'test' };
  const request = { caller, permission: 'ROLES_WRITE', client } as const;
  const act = () => adminTransaction(deps, request, async () => 'done');
  expect(await act()).toBe('done');
  await queryDatabase(
    deps.db,
    `update admin_tokens set permissions = '{TOKENS_WRITE}' where id = '${id}'`,
  );
  await expect(act()).rejects.toThrow(MissingPermissionError);
});

test('SE-9: an act has ended before a role loses the permission that the act required', async ({
  server,
}) => {
  const person = await signUpWithPermissions(server, 'support', ['ROLES_WRITE', 'USERS_READ']);
  const { accessToken: token } = await signUpAdministrator(server);
  const { deps } = server.app;
  const act = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const order: string[] = [];
  const request = { ...(await requestOf(server, person)), permission: 'ROLES_WRITE' } as const;
  const acting = adminTransaction(deps, request, async () => {
    begun.resolve();
    await act.promise;
    order.push('act');
  });
  await begun.promise;
  const taking = server
    .admin(PUT, { input: { name: 'support', permissions: [], adminPermissions: [] } }, { token })
    .then(({ data }) => order.push(data.putRole.__typename));
  await new Promise((resolve) => setTimeout(resolve, 500));
  act.resolve();
  await Promise.all([acting, taking]);
  expect(order).toEqual(['act', 'RoleSaved']);
  await expect(adminTransaction(deps, request, async () => 'late')).rejects.toThrow(
    MissingPermissionError,
  );
});

test('SE-9: 10 administrators who change their common role at once end one after the other, without a deadlock', async ({
  server,
}) => {
  const people = [];
  for (let n = 0; n < 10; n += 1) {
    const person = await signUp(server);
    await giveRole(server, person, 'leads', ['ROLES_WRITE', 'USERS_READ']);
    await proveSecondFactor(server, person);
    people.push(person);
  }
  const answers = await Promise.all(
    people.map(({ accessToken }, n) =>
      server.admin(
        PUT,
        { input: { name: 'leads', permissions: [`p${n}`] } },
        { token: accessToken },
      ),
    ),
  );
  for (const { data, text } of answers) expect(data?.putRole.__typename, text).toBe('RoleSaved');
});

test('AD-2: names that this release does not know are no permissions', async ({ server }) => {
  const person = await signUp(server);
  await giveRole(server, person, 'from-the-future', ['EVERYTHING' as never, 'USERS_READ']);
  await proveSecondFactor(server, person);
  const { data } = await server.admin(CALLER, {}, { token: person.accessToken });
  expect(data.caller.permissions).toEqual(['USERS_READ']);
});

test('LO-2, AD-5: no token is in the log', ({ server }) => {
  expect(JSON.stringify(server.logged)).not.toContain('lka_');
  expect(server.logged.length).toBeGreaterThan(10);
});
