import { expect } from 'vitest';
import {
  adminToken,
  giveRole,
  proveSecondFactor,
  signUpAdministrator,
  signUpWithPermissions,
} from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { askFor, IMPERSONATION, impersonate } from '../support/impersonation.ts';
import { signUp } from '../support/journeys.ts';
import { latchkey } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const test = testWithServer({ env: IMPERSONATION });

const FORBIDDEN = { __typename: 'ForbiddenError', permission: 'USERS_IMPERSONATE' };

const countHandovers = async (server: TestServer): Promise<number> => {
  const [row] = await queryDatabase<{ n: number }>(
    server.app.deps.db,
    'select count(*)::int as n from handovers',
  );
  return row?.n ?? -1;
};

test('IM-1: people only: an admin token with the permission gets ForbiddenError', async ({
  server,
}) => {
  const { token: accessToken } = await adminToken(server, ['USERS_IMPERSONATE']);
  expect(await askFor(server, { accessToken }, await signUp(server))).toEqual(FORBIDDEN);
});

test('IM-1: without IMPERSONATION nobody has the permission', async () => {
  const server = await startTestServer();
  const administrator = await signUpAdministrator(server);
  expect(await askFor(server, administrator, await signUp(server))).toEqual(FORBIDDEN);
  expect(await countHandovers(server)).toBe(0);
  await server.close();
});

test('IM-1: not without a reason, a fresh second factor, or the permission', async ({ server }) => {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  for (const reason of ['', ' \u200b ', 'two\nlines']) {
    const answer = await askFor(server, administrator, person, reason);
    expect(answer.issues, reason).toEqual([
      { path: ['input', 'reason'], message: expect.any(String) },
    ]);
  }
  await proveSecondFactor(server, administrator, null);
  expect(await askFor(server, administrator, person)).toEqual({
    __typename: 'StepUpRequiredError',
  });
  const reader = await signUpWithPermissions(server, 'reader', ['USERS_READ']);
  expect(await askFor(server, reader, person)).toEqual(FORBIDDEN);
});

test('IM-1: nobody acts as themselves, as a disabled person, or as nobody', async ({ server }) => {
  const administrator = await signUpAdministrator(server);
  const person = await signUp(server);
  const themselves = await askFor(server, administrator, administrator);
  expect(themselves.issues).toEqual([
    { path: ['input', 'userId'], message: 'You cannot act as yourself.' },
  ]);
  await queryDatabase(
    server.app.deps.db,
    `update users set disabled_at = now() where id = '${person.userId}'`,
  );
  const disabled = await askFor(server, administrator, person);
  expect(disabled.issues).toEqual([
    { path: ['input', 'userId'], message: 'This account is disabled.' },
  ]);
  const nobody = person.userId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  for (const userId of [nobody, 'nobody'])
    expect(await askFor(server, administrator, { userId })).toEqual({
      __typename: 'NotFoundError',
    });
});

test('AD-3: nobody acts as somebody who has a permission that they lack', async ({ server }) => {
  const support = await signUpWithPermissions(server, 'support', ['USERS_IMPERSONATE']);
  const administrator = await signUpAdministrator(server);
  const deleter = await signUp(server);
  await giveRole(server, deleter, 'deleter', ['USERS_DELETE']);
  const colleague = await signUpWithPermissions(server, 'support', ['USERS_IMPERSONATE']);
  const before = await countHandovers(server);
  expect(await askFor(server, support, administrator)).toMatchObject({
    __typename: 'ForbiddenError',
  });
  expect(await askFor(server, support, deleter)).toEqual({
    ...FORBIDDEN,
    permission: 'USERS_DELETE',
  });
  expect(await countHandovers(server)).toBe(before);
  expect((await askFor(server, support, colleague)).__typename).toBe('HandoverIssued');
  expect((await askFor(server, administrator, deleter)).__typename).toBe('HandoverIssued');
});

test('IM-1: administrators and operators see in a person’s sessions who acts as them, by one statement', async ({
  server,
}) => {
  const person = await signUp(server);
  const [one, other] = [await signUpAdministrator(server), await signUpAdministrator(server)];
  const acting = await impersonate(server, one, person);
  const alsoActing = await impersonate(server, other, person);
  const address = `${other.userId}@renamed.example`;
  const { db } = server.app.deps;
  await queryDatabase(db, `update users set email = '${address}' where id = '${other.userId}'`);
  const { token } = await adminToken(server, ['USERS_READ']);
  const texts: string[] = [];
  const counted: typeof db = {
    ...db,
    run: (query) => {
      texts.push(query.text);
      return db.run(query);
    },
  };
  Object.assign(server.app.deps, { db: counted });
  const { data } = await server.admin(
    `query ($by: UserSelector!) { user(by: $by) { sessions { edges { node { id impersonatedBy } } } } }`,
    { by: { id: person.userId } },
    { token },
  );
  Object.assign(server.app.deps, { db });
  expect(data.user.sessions.edges.map(({ node }: { node: object }) => node)).toEqual([
    { id: alsoActing.sessionId, impersonatedBy: address },
    { id: acting.sessionId, impersonatedBy: one.email },
    { id: person.sessionId, impersonatedBy: null },
  ]);
  const reads = texts.filter((text) => !text.includes('admin_tokens'));
  expect(reads.length, reads.join('\n\n')).toBe(3);

  const { config } = server.app.deps;
  const { out } = await latchkey(`users sessions ${person.userId}`, { config });
  const lineOf = ({ sessionId }: { readonly sessionId: string }) =>
    out.find((line) => line.startsWith(sessionId));
  expect(lineOf(acting)).toContain(`impersonated by ${one.email},`);
  expect(lineOf(alsoActing)).toContain(`impersonated by ${address},`);
  expect(lineOf(person)).not.toContain('impersonated');
});
