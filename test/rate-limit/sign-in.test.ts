import { getTableName, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { auditEvents } from '../../src/db/tables/audit-event.ts';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { SECOND } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, REFRESH, REGISTER, signUp } from '../support/journeys.ts';
import { countRowsOf, queryDatabase } from '../support/query-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { times } from './limiter.ts';

// One case of each requirement through the API. guesses.test.ts has the limits themselves.

const clock = createFakeClock();
const test = testWithServer({ clock });

const TABLE = getTableName(rateLimitCounters);

const WRONG = 'not the password at all';

let addresses = 0;
/** An address that no other sign-in has. */
function freshAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** One sign-in, from an address of its own unless it is given one. */
async function signInAs(
  server: TestServer,
  email: string,
  password: string,
  { address = freshAddress(), deviceToken }: { address?: string; deviceToken?: string } = {},
) {
  const input = { email, password, ...(deviceToken && { deviceToken }) };
  const { data, status } = await server.graphql(LOGIN, { input }, { address });
  const { __typename: outcome, retryAfterSeconds } = data.login;
  return { status, outcome: String(outcome), retryAfterSeconds };
}

/** Passwords that were verified and wrong: each of them leaves a row. */
async function verifiedDuring(server: TestServer, work: () => Promise<unknown>): Promise<number> {
  const { db } = server.app.deps;
  const count = () => countRowsOf(db, auditEvents, sql`type = 'SIGN_IN_FAILED'`);
  const before = await count();
  await work();
  return (await count()) - before;
}

test('RL-2, RL-10, RL-11: after ten wrong passwords the right one is refused for 30 seconds, and a success ends the series', async ({
  server,
}) => {
  const { email } = await signUp(server);
  for (let n = 0; n < 10; n += 1) {
    const { outcome } = await signInAs(server, email, WRONG);
    expect(outcome).toBe('InvalidCredentialsError');
  }
  const refused = await signInAs(server, email, PASSWORD);
  expect(refused).toEqual({ status: 200, outcome: 'RateLimitedError', retryAfterSeconds: 30 });
  clock.advance(30 * SECOND);
  expect((await signInAs(server, email, PASSWORD)).outcome).toBe('SignedIn');
  expect((await signInAs(server, email, WRONG)).outcome).toBe('InvalidCredentialsError');
  expect((await signInAs(server, email, PASSWORD)).outcome).toBe('SignedIn');
});

test('RL-11: an address without an account is refused exactly as one with an account', async ({
  server,
}) => {
  const trace = async (email: string) => {
    const seen = [];
    for (let n = 0; n < 14; n += 1) seen.push(await signInAs(server, email, WRONG));
    return seen;
  };
  const { email } = await signUp(server);
  expect(await trace('nobody@example.com')).toEqual(await trace(email));
});

test('RL-3: while strangers close an account’s limit, its known device signs in, and the token is worth nothing for another account', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const document = `mutation ($input: LoginInput!) { login(input: $input) {
    ... on SignedIn { deviceToken } } }`;
  const { data } = await server.graphql(document, { input: { email, password: PASSWORD } });
  const { deviceToken } = data.login;
  for (let n = 0; n < 12; n += 1) await signInAs(server, email, WRONG);
  expect((await signInAs(server, email, PASSWORD)).outcome).toBe('RateLimitedError');
  expect((await signInAs(server, email, PASSWORD, { deviceToken })).outcome).toBe('SignedIn');

  const other = await signUp(server);
  for (let n = 0; n < 11; n += 1) await signInAs(server, other.email, WRONG, { deviceToken });
  expect((await signInAs(server, other.email, PASSWORD)).outcome).toBe('RateLimitedError');
});

test('RL-4: one password sprayed over many accounts from one address stops at 20', async ({
  server,
}) => {
  const address = '203.0.113.9';
  const verified = await verifiedDuring(server, async () => {
    for (let n = 0; n < 30; n += 1) {
      await signInAs(server, `victim-${n}@example.com`, 'Summer2026!', { address });
    }
  });
  expect(verified).toBe(20);
});

test('RL-5: a /64 is one source in every spelling, and so is an IPv4 address', async ({
  server,
}) => {
  const spray = (addressOf: (n: number) => string) =>
    verifiedDuring(server, async () => {
      for (let n = 0; n < 24; n += 1) {
        const email = `v6-${freshAddress()}@example.com`;
        await signInAs(server, email, WRONG, { address: addressOf(n) });
      }
    });
  const hex = (n: number) => ((n * 7919 + 1) % 65_536).toString(16);
  expect(await spray((n) => `2001:db8:1:2:${hex(n)}::${hex(n + 1)}`)).toBe(20);
  const spellings = [
    '198.51.100.7',
    '::ffff:198.51.100.7',
    '::FFFF:C633:6407',
    '0:0:0:0:0:ffff:c633:6407',
    '::ffff:c633:6407%eth0',
    '[::ffff:198.51.100.7]',
  ];
  expect(await spray((n) => spellings[n % spellings.length] ?? '')).toBe(20);
  expect(await spray((n) => `2001:DB8:1:3:0:0:0:${hex(n)}`)).toBe(20);
});

test('RL-6: of fifty wrong passwords at once no more than ten are verified', async ({ server }) => {
  const outcomes: string[] = [];
  const verified = await verifiedDuring(server, async () => {
    const answers = await Promise.all(
      times(50, () => signInAs(server, 'parallel@example.com', WRONG)),
    );
    outcomes.push(...answers.map(({ outcome }) => outcome));
  });
  const wrong = outcomes.filter((outcome) => outcome === 'InvalidCredentialsError');
  expect(verified).toBeLessThanOrEqual(10);
  expect(wrong).toHaveLength(verified);
});

test('RL-7: counters survive a restart and are common to all instances', async ({ server }) => {
  const { email } = await signUp(server);
  const env = { SECRET_KEYS: server.app.deps.config.secretKeys[0].toString('base64') };
  const start = () => startTestServer({ clock, env, database: server.database });
  const second = await start();
  for (let n = 0; n < 5; n += 1) await signInAs(server, email, WRONG);
  for (let n = 0; n < 5; n += 1) await signInAs(second, email, WRONG);
  expect((await signInAs(server, email, PASSWORD)).outcome).toBe('RateLimitedError');
  await second.app.close();
  const third = await start();
  expect((await signInAs(third, email, PASSWORD)).outcome).toBe('RateLimitedError');
  await third.app.close();
});

test('PR-11: a stranger who registers the address cannot reset their guesses with their own password', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const theirs = 'what the stranger registered with';
  await server.graphql(REGISTER, { input: { email, password: theirs } });
  const verified = await verifiedDuring(server, async () => {
    for (let n = 0; n < 10; n += 1) {
      await signInAs(server, email, theirs);
      await signInAs(server, email, WRONG);
    }
  });
  expect(verified).toBeLessThanOrEqual(10);
  expect((await signInAs(server, email, PASSWORD)).outcome).toBe('RateLimitedError');
});

test('RL-10: without its table the limiter refuses with 503 and logs it; reading and refreshing go on', async ({
  server,
}) => {
  const person = await signUp(server);
  const { db } = server.app.deps;
  await queryDatabase(db, sql`alter table ${rateLimitCounters} rename to elsewhere`);
  const input = { email: person.email, password: PASSWORD };
  const { status, errors } = await server.graphql(LOGIN, { input }, { address: freshAddress() });
  expect(status).toBe(503);
  expect(errors[0]?.extensions?.['code']).toBe('SERVICE_UNAVAILABLE');
  expect(server.logged.some(({ message }) => message === 'rate limit query failed')).toBe(true);
  const viewer = await server.graphql('{ viewer { user { id } } }', undefined, {
    token: person.accessToken,
  });
  expect(viewer.data.viewer.user.id).toBe(person.userId);
  const { refreshToken } = person;
  const refreshed = await server.graphql(REFRESH, { input: { refreshToken } });
  expect(refreshed.data.refreshToken.__typename).toBe('SignedIn');
  await queryDatabase(db, sql`alter table elsewhere rename to ${sql.identifier(TABLE)}`);
  expect((await signInAs(server, person.email, PASSWORD)).outcome).toBe('SignedIn');
});

test('LO-1: a limit that closes leaves one audit event, not one for each refusal, and the table names nobody', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const { db } = server.app.deps;
  const events = () =>
    queryDatabase<{ limit: string }>(
      db,
      sql`select detail->>'limit' as "limit" from audit_events where type = 'RATE_LIMITED'`,
    );
  const before = (await events()).length;
  for (let n = 0; n < 30; n += 1) await signInAs(server, email, WRONG);
  expect((await events()).slice(before).map(({ limit }) => limit)).toEqual(['sign-in.account']);
  const dump = JSON.stringify(await queryDatabase(db, sql`select * from ${rateLimitCounters}`));
  expect(dump).not.toContain('example.com');
  expect(dump).not.toContain('10.0.');
});

test('SE-6: the thief of a session guesses the password no faster than a stranger', async ({
  server,
}) => {
  const person = await signUp(server);
  const document = `mutation ($input: ReauthenticateInput!) {
    reauthenticate(input: $input) { __typename } }`;
  const outcomes: string[] = [];
  for (let n = 0; n < 15; n += 1) {
    const as = { token: person.accessToken, address: freshAddress() };
    const { data } = await server.graphql(document, { input: { password: WRONG } }, as);
    outcomes.push(data.reauthenticate.__typename);
  }
  expect(outcomes.filter((one) => one === 'InvalidCredentialsError')).toHaveLength(10);
  expect(outcomes.at(-1)).toBe('RateLimitedError');
});
