import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import { eq } from 'drizzle-orm';
import { describe, expect, onTestFinished } from 'vitest';
import { keysResealCommand } from '../../src/cli/keys.ts';
import { runCommand } from '../../src/cli/run.ts';
import { build } from '../../src/db/statement.ts';
import { rateLimitCounters } from '../../src/db/tables/rate-limit-counter.ts';
import { users } from '../../src/db/tables/user.ts';
import { createHashQueue } from '../../src/hash-queue/queue.ts';
import { login } from '../../src/journeys/sign-in/login.ts';
import { ServerBusyError } from '../../src/kernel/errors.ts';
import { createHasher } from '../../src/proofs/password/hasher.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, type Person, REGISTER, signIn, signUp } from '../support/journeys.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { countRowsOf, queryDatabase } from '../support/query-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { compareDurations } from '../support/timing.ts';
import { typeOf } from './account-care.ts';

const test = testWithServer({
  env: { ARGON2_ITERATIONS: '3' },
  durations: 'as-configured',
});

const hashOf = async (server: TestServer, userId: string) => {
  const [row] = await queryDatabase(
    server.app.deps.db,
    build.select().from(users).where(eq(users.id, userId)),
  );
  return row?.passwordHash ?? '';
};

async function personWithOldHash(server: TestServer) {
  const person = await signUp(server);
  const { db, random } = server.app.deps;
  const older = createHasher({
    random,
    memoryKib: 19_456,
    iterations: 2,
    queue: createHashQueue({ concurrency: 1, capacity: 1 }),
  });
  const passwordHash = await older.hash(PASSWORD);
  await queryDatabase(
    db,
    build.update(users).set({ passwordHash }).where(eq(users.id, person.userId)),
  );
  return { ...person, passwordHash };
}

test('PW-5: ten concurrent sign-ins update an outdated hash, and all succeed', async ({
  server,
}) => {
  const { email, userId, passwordHash } = await personWithOldHash(server);
  const input = { email, password: PASSWORD };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => server.graphql(LOGIN, { input })),
  );
  expect(answers.map(typeOf)).toEqual(Array.from({ length: 10 }, () => 'SignedIn'));
  const upgraded = await hashOf(server, userId);
  expect(upgraded).not.toBe(passwordHash);
  expect(upgraded).toContain('t=3');
  expect(typeOf(await server.graphql(LOGIN, { input }))).toBe('SignedIn');
  expect(await hashOf(server, userId)).toBe(upgraded);
});

test('PW-5: a full queue keeps the outdated hash and accepts the right password', async ({
  server,
}) => {
  const { email, userId, passwordHash } = await personWithOldHash(server);
  const { deps } = server.app;
  const hasher = { ...deps.hasher, hash: () => Promise.reject(new ServerBusyError(1)) };
  const client = { ipAddress: '127.0.0.1', userAgent: null, requestId: 'test' };
  const signal = AbortSignal.timeout(10_000);
  const credentials = { email, password: PASSWORD, deviceToken: null, registrationToken: null };
  // Log lines of the start, for example about a pooler, do not matter here.
  const before = server.logged.length;
  const signedIn = await login({ ...deps, hasher }, credentials, client, signal);
  expect(signedIn.kind).toBe('SignedIn');
  expect(await hashOf(server, userId)).toBe(passwordHash);
  const said = server.logged.slice(before);
  expect(said.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
});

test('RL-12: of many concurrent sign-ins from many sources, only those with a reserved slot are counted or looked up', async () => {
  const own = await startTestServer({
    env: { HASH_CONCURRENCY: '1', HASH_QUEUE: '4' },
    durations: 'as-configured',
  });
  onTestFinished(() => own.close());
  const { deps } = own.app;
  const outcomes = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const client = { ipAddress: `192.0.2.${index}`, userAgent: null, requestId: 'test' };
      const email = `herd-${index}@example.com`;
      const credentials = { email, password: PASSWORD, deviceToken: null, registrationToken: null };
      return await login(deps, credentials, client, AbortSignal.timeout(10_000)).then(
        () => 'signed in',
        (error: Error) => error.name,
      );
    }),
  );
  const refused = outcomes.filter((outcome) => outcome === 'ServerBusyError');
  expect(refused).toHaveLength(55);
  // The limits of its source, of password spraying and of the account.
  expect(await countRowsOf(deps.db, rateLimitCounters)).toBe(5 * 3);
});

test('LG-4: a registration beside an outdated hash gets the same answer before and after the owner’s hash is updated', async ({
  server,
}) => {
  const { email, userId, passwordHash } = await personWithOldHash(server);
  const theirs = 'what a stranger registered with';
  const input = { email, password: theirs };
  const { registrationToken } = (await server.graphql(REGISTER, { input })).data.register;
  const asStranger = async () =>
    typeOf(await server.graphql(LOGIN, { input: { ...input, registrationToken } }));
  expect(await asStranger()).toBe('EmailVerificationRequired');
  const owner = await server.graphql(LOGIN, { input: { email, password: PASSWORD } });
  expect(typeOf(owner)).toBe('SignedIn');
  expect(await hashOf(server, userId)).not.toBe(passwordHash);
  // Otherwise a different answer would reveal that the account exists and that its owner signed in.
  expect(await asStranger()).toBe('EmailVerificationRequired');
});

test('LG-2: the right password of a disabled account takes as long as a wrong one, while outdated hashes exist', async ({
  server,
}) => {
  const { email, userId } = await personWithOldHash(server);
  await queryDatabase(
    server.app.deps.db,
    build.update(users).set({ disabledAt: new Date() }).where(eq(users.id, userId)),
  );
  const { db } = server.app.deps;
  // Fresh limits each time, because a request that a limit rejects is fast, whatever was typed.
  const attempt = (password: string) => async () => {
    await queryDatabase(db, build.delete(rateLimitCounters));
    const answer = await server.graphql(LOGIN, { input: { email, password } });
    expect(typeOf(answer)).toBe('InvalidCredentialsError');
  };
  // Without the measure, the right password would save a whole derivation, more than any noise.
  const trials = { one: attempt(PASSWORD), other: attempt('a wrong one, however long') };
  const { medians } = await compareDurations(trials, { pairs: 30, warmUp: 2 });
  expect(medians[0] / medians[1]).toBeGreaterThan(0.8);
}, 60_000);

describe('PW-4: the pepper', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));

  test('no password can be guessed from a stolen database, and hashes move to a new key one by one', async () => {
    const started = (keys: string, database?: TestDatabase) =>
      startTestServer({
        env: { SECRET_KEYS: keys },
        durations: 'as-configured',
        ...(database && { database }),
      });
    const before = await started(`${older}`);
    const [first, second] = [await signUp(before), await signUp(before)];
    const hashIn = async ({ app }: TestServer, { userId }: Person) => {
      const [row] = await queryDatabase(
        app.deps.db,
        build.select().from(users).where(eq(users.id, userId)),
      );
      return row?.passwordHash ?? '';
    };
    const stolen = await hashIn(before, first);
    expect(await argon2.verify(stolen, first.password)).toBe(false);
    await before.app.close();

    const { database } = before;
    const both = await started(`${newer},${older}`, database);
    await signIn(both, first);
    expect(keyIdOf(await hashIn(both, first))).not.toBe(keyIdOf(stolen));
    expect(keyIdOf(await hashIn(both, second))).toBe(keyIdOf(stolen));
    const { config } = both.app.deps;
    const lines = { out: () => undefined, err: () => undefined, ask: async () => null };
    const terminal = { ...lines, environment: () => ({}), config: () => config };
    expect(await runCommand([keysResealCommand], ['keys', 'reseal'], terminal)).toBe(0);
    await both.app.close();

    const after = await started(`${newer}`, database);
    const types = [first, second].map(async ({ email, password }) =>
      typeOf(await after.graphql(LOGIN, { input: { email, password } })),
    );
    // People who have not signed in with their password since then choose another one by mail.
    expect(await Promise.all(types)).toEqual(['SignedIn', 'InvalidCredentialsError']);
    await after.close();
  });
});

function keyIdOf(hash: string): string | undefined {
  return /keyid=([^$,]+)/.exec(hash)?.[1];
}
