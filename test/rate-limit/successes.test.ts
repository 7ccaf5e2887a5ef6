import { sql } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { transaction } from '../../src/db/transaction.ts';
import { HOUR, SECOND } from '../../src/kernel/duration.ts';
import type { Limit } from '../../src/kernel/rate-limit.ts';
import { countInTransaction } from '../../src/rate-limit/count.ts';
import {
  changeLimits,
  codeMailLimits,
  completedSignInLimits,
} from '../../src/rate-limit/limits.ts';
import { RULES } from '../../src/rate-limit/rules.ts';
import { hashKeys } from '../../src/rate-limit/store.ts';
import { completeFirstFactorIn } from '../../src/sign-in-gate/complete-factor.ts';
import { findUserByEmail } from '../../src/user/store.ts';
import { askForReset, NEW_PASSWORD, RESET } from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { DEVELOPMENT_LIMITS, PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import type { TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const clock = createFakeClock();

const test = testWithServer({ clock });

/** Not the developer's own machine, which is allowed more. */
const CLIENT = { ipAddress: '192.0.2.14', userAgent: null, requestId: 'test' };
const ELSEWHERE = { address: CLIENT.ipAddress };

const as = (person: Person) => ({ token: person.accessToken, ...ELSEWHERE });

/** Rows in all the tables that people write, those of the limits themselves left out. */
async function rowsWritten(server: TestServer): Promise<number> {
  const { db } = server.app.deps;
  const [row] = await queryDatabase<{ rows: number }>(
    db,
    sql`
    select ((select count(*) from audit_events) + (select count(*) from sessions)
      + (select count(*) from mail_outbox) + (select count(*) from one_time_tokens)
      + (select count(*) from mfa_challenges) + (select count(*) from totp_factors))::int as rows`,
  );
  return row?.rows ?? 0;
}

/** Uses limits up but for so many attempts. */
async function useUp(server: TestServer, limits: readonly Limit[], left = 0): Promise<void> {
  const { deps } = server.app;
  await countInTransaction(deps, deps.db, limits);
  for (const { key, rule } of hashKeys(deps, limits))
    await queryDatabase(
      deps.db,
      sql`
      update ${rateLimitCounters} set tries = ${rule.allowance - left},
        opens_at = case when ${left} = 0 then resets_at else opens_at end
      where key = ${key}`,
    );
}

const REVOKE_OTHERS =
  'mutation { revokeOtherSessions { __typename ... on RateLimitedError { retryAfterSeconds } } }';
const RENAME = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
  __typename ... on RateLimitedError { retryAfterSeconds } } }`;
const TOTP = 'mutation { enableTotp { __typename ... on RateLimitedError { retryAfterSeconds } } }';

describe('RL-14: a session that floods the server writes no more than its hourly allowance', () => {
  test.for([
    ['updateProfile', (turn: number) => ({ document: RENAME, input: { name: `Ada ${turn}` } })],
    ['revokeOtherSessions', () => ({ document: REVOKE_OTHERS, input: undefined })],
    ['enableTotp', () => ({ document: TOTP, input: undefined })],
  ] as const)('%s', async ([field, request], { server }) => {
    const person = await signUp(server);
    const before = await rowsWritten(server);
    const { allowance: tries } = RULES.changesSession;
    const outcomes: string[] = [];
    for (let turn = 0; turn < tries + 15; turn += 1) {
      const { document, input } = request(turn);
      const { data } = await server.graphql(document, { input }, as(person));
      outcomes.push(data[field].__typename);
      if (turn < tries) continue;
      expect(data[field].__typename).toBe('RateLimitedError');
      expect(data[field].retryAfterSeconds).toBe(HOUR / SECOND);
    }
    expect(outcomes.filter((outcome) => outcome === 'RateLimitedError')).toHaveLength(15);
    // Each act leaves one row at most, and the limit one when it closes (LO-1).
    expect((await rowsWritten(server)) - before).toBeLessThanOrEqual(tries + 2);
    clock.advance(HOUR);
    const { document, input } = request(tries + 15);
    const { data } = await server.graphql(document, { input }, as(await signIn(server, person)));
    expect(data[field].__typename).not.toBe('RateLimitedError');
  });

  test('another session of the account goes on until the account has used up its own allowance', async ({
    server,
  }) => {
    const person = await signUp(server);
    const of = { userId: person.userId, sessionId: person.sessionId };
    const [session, account] = changeLimits(PRODUCTION_LIMITS, CLIENT, of);
    await useUp(server, session ? [session] : []);
    const renamed = await server.graphql(RENAME, { input: { name: 'A' } }, as(person));
    expect(renamed.data.updateProfile.__typename).toBe('RateLimitedError');
    const owner = await signIn(server, person);
    const ended = await server.graphql(REVOKE_OTHERS, {}, as(owner));
    expect(ended.data.revokeOtherSessions.__typename).toBe('SessionsRevoked');
    await useUp(server, account ? [account] : []);
    const refused = await server.graphql(RENAME, { input: { name: 'B' } }, as(owner));
    expect(refused.data.updateProfile.__typename).toBe('RateLimitedError');
    const other = await server.graphql(RENAME, { input: { name: 'C' } }, as(await signUp(server)));
    expect(other.data.updateProfile.__typename).toBe('ProfileUpdated');
  });

  test('a source with many accounts has an allowance of its own', async ({ server }) => {
    const address = '198.51.100.77';
    const of = { userId: 'any', sessionId: 'any' };
    const source = changeLimits(PRODUCTION_LIMITS, { ...CLIENT, ipAddress: address }, of).slice(2);
    await useUp(server, source);
    const person = await signUp(server);
    const input = { name: 'Ada' };
    const here = await server.graphql(RENAME, { input }, { ...as(person), address });
    expect(here.data.updateProfile.__typename).toBe('RateLimitedError');
    // Its neighbors cannot keep a person from taking access away.
    const ended = await server.graphql(REVOKE_OTHERS, undefined, { ...as(person), address });
    expect(ended.data.revokeOtherSessions.__typename).toBe('SessionsRevoked');
    const elsewhere = await server.graphql(RENAME, { input }, as(person));
    expect(elsewhere.data.updateProfile.__typename).toBe('ProfileUpdated');
  });
});

test('RL-14: a developer’s own machine is allowed a hundred times as much, so that one session serves a whole test suite', async ({
  server,
}) => {
  const person = await signUp(server);
  const own = { token: person.accessToken, address: '127.0.0.1' };
  for (let turn = 0; turn < RULES.changesSession.allowance + 5; turn += 1) {
    const { data } = await server.graphql(RENAME, { input: { name: 'Ada' } }, own);
    expect(data.updateProfile.__typename).toBe('ProfileUpdated');
  }
  const client = { ...CLIENT, ipAddress: '127.0.0.1' };
  const of = { userId: person.userId, isKnownDevice: true };
  const [there] = completedSignInLimits(DEVELOPMENT_LIMITS, client, of);
  const [here] = completedSignInLimits(PRODUCTION_LIMITS, client, of);
  expect(there?.rule.allowance).toBe(100 * (here?.rule.allowance ?? 0));
});

test('RL-14: an exchange of a refresh token beyond the hourly allowance is refused, spends nothing and works again later', async ({
  server,
}) => {
  const person = await signUp(server);
  const { db } = server.app.deps;
  const { allowance: tries } = RULES.refreshes;
  await refresh(server, person.refreshToken);
  let current = await refresh(server, person.refreshToken);
  await queryDatabase(
    db,
    sql`update sessions set refreshes = ${tries - 1} where id = ${person.sessionId}`,
  );
  current = await refresh(server, current.refreshToken);
  expect(current.__typename).toBe('SignedIn');
  const document = `mutation ($input: RefreshTokenInput) { refreshToken(input: $input) {
    __typename ... on RateLimitedError { retryAfterSeconds } } }`;
  const input = { refreshToken: current.refreshToken };
  for (let turn = 0; turn < 3; turn += 1) {
    const { data } = await server.graphql(document, { input });
    expect(data.refreshToken).toEqual({
      __typename: 'RateLimitedError',
      retryAfterSeconds: HOUR / SECOND,
    });
  }
  clock.advance(HOUR);
  expect((await refresh(server, current.refreshToken)).__typename).toBe('SignedIn');
});

describe('RL-14: sign-ins that succeed', () => {
  const ofAccount = ({ userId }: Person) =>
    completedSignInLimits(PRODUCTION_LIMITS, CLIENT, { userId, isKnownDevice: true });
  const login = async (
    server: TestServer,
    person: Person,
    options: object = ELSEWHERE,
    deviceToken?: string,
  ) => {
    const input = { email: person.email, password: person.password, deviceToken };
    const { data } = await server.graphql(LOGIN, { input }, options);
    return data.login.__typename;
  };

  test('beyond the account’s hourly allowance the right password is refused, counts as no failure and writes nothing', async ({
    server,
  }) => {
    const person = await signUp(server);
    await useUp(server, ofAccount(person), 1);
    expect(await login(server, person)).toBe('SignedIn');
    const before = await rowsWritten(server);
    // More than the ten wrong passwords that close an account (RL-2).
    for (let turn = 0; turn < 15; turn += 1)
      expect(await login(server, person)).toBe('RateLimitedError');
    expect(await rowsWritten(server)).toBe(before);
    clock.advance(HOUR);
    expect(await login(server, person)).toBe('SignedIn');
  });

  test('RL-3: a password reset resets every limit of an account that someone with its password can use up', async ({
    server,
  }) => {
    const person = await signUp(server);
    const of = { userId: person.userId, sessionId: person.sessionId };
    const [, changes] = changeLimits(PRODUCTION_LIMITS, CLIENT, of);
    await useUp(server, ofAccount(person));
    await useUp(server, changes ? [changes] : []);
    await useUp(server, codeMailLimits(PRODUCTION_LIMITS, person.userId));
    expect(await login(server, person)).toBe('RateLimitedError');
    const { token } = await askForReset(server, person.email);
    await server.graphql(RESET, { input: { proof: { token }, newPassword: NEW_PASSWORD } });
    const owner = await signIn(server, { ...person, password: NEW_PASSWORD });
    const renamed = await server.graphql(RENAME, { input: { name: 'Ada' } }, as(owner));
    expect(renamed.data.updateProfile.__typename).toBe('ProfileUpdated');
    const { rateLimiter } = server.app.deps;
    const codes = await rateLimiter.count(codeMailLimits(PRODUCTION_LIMITS, person.userId), CLIENT);
    expect(codes.allowed).toBe(true);
  });

  test('RL-3: after neighbors used up the source’s hourly allowance, a known device signs in', async ({
    server,
  }) => {
    const person = await signUp(server);
    const address = '198.51.100.78';
    const neighbor = { userId: 'any', isKnownDevice: false };
    const [, ...source] = completedSignInLimits(
      PRODUCTION_LIMITS,
      { ...CLIENT, ipAddress: address },
      neighbor,
    );
    await useUp(server, source);
    expect(await login(server, person, { address })).toBe('RateLimitedError');
    const input = { email: person.email, password: person.password };
    const { data } = await server.graphql(
      `mutation ($input: LoginInput!) { login(input: $input) { ... on SignedIn { deviceToken } } }`,
      { input },
    );
    expect(await login(server, person, { address }, data.login.deviceToken)).toBe('SignedIn');
    expect(await login(server, person)).toBe('SignedIn');
  });
});

test('RL-14: a sign-in that waits for a row of its own account delays nobody else of its source', async ({
  server,
}) => {
  const { deps } = server.app;
  const slow = await signUp(server);
  const neighbor = await signUp(server);
  const user = await run(deps.db, findUserByEmail(slow.email));
  if (!user) throw new Error('There is no account.');
  const client = { ...CLIENT, ipAddress: '127.0.0.1' };
  const waiting = await transaction(deps.db, async (tx) => {
    await queryDatabase(
      tx,
      sql`select from sign_in_origins where user_id = ${slow.userId} for update`,
    );
    const completed = transaction(deps.db, (own) =>
      completeFirstFactorIn(deps, own, { user, firstFactor: 'email', client }),
    );
    await until(async () => {
      const locked = await queryDatabase(
        deps.db,
        sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return locked.length > 0;
    });
    await signIn(server, neighbor);
    return { completed };
  });
  expect(await waiting.completed).not.toBeNull();
});

test('RL-14: 40 changes of one account at once leave connections of the pool to everyone else', async ({
  server,
}) => {
  const person = await signUp(server);
  const other = await signUp(server);
  const { db } = server.app.deps;
  const renames = await transaction(db, async (tx) => {
    // Every change of this account now waits for this row, with a connection in hand.
    await queryDatabase(tx, sql`select from users where id = ${person.userId} for update`);
    const waiting = Array.from({ length: 40 }, (_, turn) =>
      server.graphql(RENAME, { input: { name: `Ada ${turn}` } }, as(person)),
    );
    const { data } = await server.graphql('{ viewer { user { id } } }', {}, as(other));
    expect(data.viewer.user.id).toBe(other.userId);
    return waiting;
  });
  const answers = await Promise.all(renames);
  expect(new Set(answers.map(({ data }) => data.updateProfile.__typename))).toEqual(
    new Set(['ProfileUpdated']),
  );
});

test('LO-1: a sign-in that is committed is answered, even if the audit log takes no record of the limit it reached', async ({
  server,
}) => {
  const { deps } = server.app;
  const person = await signUp(server);
  const limits = completedSignInLimits(deps.config, CLIENT, {
    userId: person.userId,
    isKnownDevice: false,
  });
  await useUp(server, limits, 1);
  await queryDatabase(
    deps.db,
    sql`
    create function refuse_rate_limited() returns trigger language plpgsql as
      'begin raise exception using errcode = $$57P01$$; end'`,
  );
  await queryDatabase(
    deps.db,
    sql`
    create trigger refuse_rate_limited before insert on audit_events for each row
      when (new.type = 'RATE_LIMITED') execute function refuse_rate_limited()`,
  );
  try {
    const signedIn = await server.graphql(
      LOGIN,
      { input: { email: person.email, password: person.password } },
      ELSEWHERE,
    );
    expect(signedIn.data.login.__typename).toBe('SignedIn');
    const isLogged = (line: { message: string }) =>
      line.message === 'audit of a reached limit failed';
    expect(server.logged.filter(isLogged)).toHaveLength(1);
  } finally {
    await queryDatabase(deps.db, sql`drop function refuse_rate_limited cascade`);
  }
});
