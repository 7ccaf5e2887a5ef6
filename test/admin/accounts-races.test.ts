import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { transaction } from '../../src/db/transaction.ts';
import { deleteUserRoles } from '../../src/role/store.ts';
import { lockUserForUpdate } from '../../src/user/store.ts';
import {
  DELETE_ACCOUNT,
  isSignedIn,
  REQUEST_RESET,
  UPDATE_PROFILE,
} from '../journeys/account-care.ts';
import { giveRole, proveSecondFactor, signUpAdministrator } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, REFRESH, refresh, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';
import { trialsOr } from '../support/trials.ts';
import { until } from '../support/until.ts';

// As many acts as the trials need: a refusal by the limit would hide what a race did.
const test = testWithServer({
  env: { RATE_LIMITS: '{"administration":{"allowance":60000,"period":"10m"}}' },
});

let administrator: Person;
test.beforeAll(async ({ server }) => {
  administrator = await signUpAdministrator(server);
});

const TRIALS = trialsOr(10);

/** Runs an act. A fault of the server, such as a deadlock, fails the test. */
async function act(
  server: TestServer,
  mutation: string,
  input: object,
  { accessToken: token }: Pick<Person, 'accessToken'> = administrator,
): Promise<string> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
  const { data, errors } = await server.admin(document, { input }, { token });
  expect(errors).toEqual([]);
  return data[mutation].__typename;
}

const reason = 'race';

/** Undoes every disablement, past every check, with the sessions that it ended. */
async function restore(server: TestServer, people: readonly Person[]): Promise<void> {
  const { db } = server.app.deps;
  for (const { userId, sessionId } of people) {
    await queryDatabase(
      db,
      sql`update users set disabled_at = null, disabled_reason = null, credential_version =
        (select credential_version from sessions where id = ${sessionId}::uuid) where id = ${userId}::uuid`,
    );
    await queryDatabase(
      db,
      sql`update sessions set revoked_at = null, revoked_because = null where id = ${sessionId}::uuid`,
    );
  }
}

test('SE-3: no session survives a disablement that races a sign-in and a refresh', async ({
  server,
}) => {
  const person = await signUp(server);
  const { userId, email, password } = person;
  const outcomes = new Set<string>();
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const mine = await signIn(server, person);
    const [disabled, login, refreshed] = await Promise.all([
      act(server, 'disableUser', { userId, reason }),
      server.graphql(LOGIN, { input: { email, password } }),
      refresh(server, mine.refreshToken),
    ]);
    expect(disabled).toBe('UserDisabled');
    outcomes.add(login.data.login.__typename);
    for (const { accessToken } of [mine, login.data.login, refreshed]) {
      if (accessToken) expect(await isSignedIn(server, { accessToken })).toBe(false);
    }
    for (const { refreshToken } of [login.data.login, refreshed]) {
      if (refreshToken)
        expect((await refresh(server, refreshToken)).__typename).not.toBe('SignedIn');
    }
    await act(server, 'enableUser', { userId, reason });
    // A session that was ended stays ended when the account is enabled.
    for (const { accessToken } of [mine, login.data.login, refreshed]) {
      if (accessToken) expect(await isSignedIn(server, { accessToken })).toBe(false);
    }
  }
  expect([...outcomes].every((one) => ['SignedIn', 'InvalidCredentialsError'].includes(one))).toBe(
    true,
  );
});

test('SE-9: a role that is taken while the act waits counts: the act is refused, and nothing changes', async ({
  server,
}) => {
  const caller = await signUp(server);
  await giveRole(server, caller, 'admin');
  await proveSecondFactor(server, caller);
  const person = await signUp(server);
  const { db } = server.app.deps;
  const waiting = `select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  const [running] = await transaction(db, async (tx) => {
    await run(tx, lockUserForUpdate(caller.userId));
    await run(tx, deleteUserRoles(caller.userId, ['admin']));
    // The guard of the field still finds the role.
    const disabling = act(server, 'disableUser', { userId: person.userId, reason }, caller);
    await until(async () => (await queryDatabase(db, waiting)).length > 0);
    return [disabling];
  });
  expect(await running).toBe('ForbiddenError');
  expect(await isSignedIn(server, person)).toBe(true);
});

test('two administrators who disable each other: one of them does, and nobody waits forever', async ({
  server,
}) => {
  const pair = [await signUp(server), await signUp(server)] as const;
  for (const one of pair) {
    await giveRole(server, one, 'admin');
    await proveSecondFactor(server, one);
  }
  const [first, second] = pair;
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const answers = await Promise.all([
      act(server, 'disableUser', { userId: second.userId, reason }, first),
      act(server, 'disableUser', { userId: first.userId, reason }, second),
    ]);
    expect([...answers].sort()).toEqual(['NotAuthenticatedError', 'UserDisabled']);
    const live = await Promise.all(pair.map((one) => isSignedIn(server, one)));
    expect(live.filter(Boolean)).toHaveLength(1);
    await restore(server, pair);
  }
});

test('DR-5: a deletion that races every other act, of administrators and of the person, leaves nothing behind', async ({
  server,
}) => {
  const { db } = server.app.deps;
  for (let trial = 0; trial < trialsOr(6); trial += 1) {
    const person = await signUp(server);
    const { userId, email, password, accessToken: token } = person;
    const [deleted, , , , , , ...own] = await Promise.all([
      act(server, 'deleteUser', { userId, reason }),
      act(server, 'disableUser', { userId, reason }),
      act(server, 'updateUser', { userId, name: 'Ada', externalId: `race-${trial}` }),
      act(server, 'removeSecondFactors', { userId, reason }),
      act(server, 'sendPasswordReset', { userId, reason }),
      act(server, 'revokeUserSessions', { userId, reason }),
      server.graphql(LOGIN, { input: { email, password } }),
      server.graphql(REFRESH, { input: { refreshToken: person.refreshToken } }),
      server.graphql(UPDATE_PROFILE, { input: { name: 'Eve' } }, { token }),
      server.graphql(REQUEST_RESET, { input: { email } }),
      server.graphql(DELETE_ACCOUNT, undefined, { token }),
    ]);
    for (const { errors } of own) expect(errors).toEqual([]);
    const byPerson = own.at(-1)?.data.deleteAccount.__typename === 'AccountDeleted';
    expect(deleted).toBe(byPerson ? 'NotFoundError' : 'UserDeleted');
    for (const table of [
      'users where id',
      'sessions where user_id',
      'audit_events where user_id',
    ]) {
      const rows = await queryDatabase(
        db,
        sql`${sql.raw(`select 1 from ${table}`)} = ${userId}::uuid`,
      );
      // A failed sign-in may record its outcome after the deletion; the purge erases that (DR-5).
      if (!table.startsWith('audit')) expect(rows, table).toEqual([]);
    }
    const names = await queryDatabase(
      db,
      sql`select 1 from users where email = ${email} or external_id = ${`race-${trial}`}`,
    );
    expect(names).toEqual([]);
  }
});
