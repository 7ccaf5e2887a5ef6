import { expect, test } from 'vitest';
import { register as registerWith } from '../../src/journeys/sign-up/register.ts';
import { LOGIN, PASSWORD, refresh, signIn, signUp } from '../support/journeys.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startTestServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';
import { typeOf } from './account-care.ts';

/**
 * ADR-0011: besides the hash, a sign-in or a registration waits for the database twice. The test uses one
 * connection, so that all statements are prepared after the first few requests.
 */
async function startOnWire(env: Record<string, string> = {}) {
  const database = await createTestDatabase('direct');
  const wire = await openWire(database.url);
  const server = await startTestServer({
    database: { url: wire.url, drop: async () => undefined },
    env: { DATABASE_POOL_SIZE: '1', ...env },
  });
  /** The fewest of several: mails are sent and expired rows purged at the same time. */
  const fewest = async (act: (turn: number) => Promise<string>, expected: string) => {
    const counts: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      const before = wire.roundTrips();
      const outcome = await act(turn);
      counts.push(wire.roundTrips() - before);
      expect(outcome).toBe(expected);
    }
    return Math.min(...counts);
  };
  const close = async () => {
    await server.close();
    await database.drop();
  };
  const login = async (input: { email: string; password: string }) =>
    typeOf(await server.graphql(LOGIN, { input }));
  let sources = 0;
  const register = async (email: string): Promise<string> => {
    sources += 1;
    // The mail is sent by the outbox, with round trips of its own.
    const deps = { ...server.app.deps, outbox: { wake: () => undefined } };
    const client = { ipAddress: `192.0.2.${sources}`, userAgent: null, requestId: 'test' };
    const signal = AbortSignal.timeout(10_000);
    const asked = { email, password: PASSWORD, name: null, registrationToken: null };
    const registering = registerWith(deps, asked, client, signal);
    return await registering.then(
      ({ kind }) => kind,
      (error: Error) => error.name,
    );
  };
  return { server, fewest, login, register, close };
}

test('a sign-in waits for the database twice: with a right or a wrong password, or an unknown address', async () => {
  const { server, fewest, login, close } = await startOnWire();
  const { email } = await signUp(server);
  const right = () => login({ email, password: PASSWORD });
  const wrong = () => login({ email, password: 'not this one' });
  const nobody = () => login({ email: 'nobody@example.com', password: PASSWORD });
  expect({
    right: await fewest(right, 'SignedIn'),
    wrong: await fewest(wrong, 'InvalidCredentialsError'),
    nobody: await fewest(nobody, 'InvalidCredentialsError'),
  }).toEqual({ right: 2, wrong: 2, nobody: 2 });
  await close();
});

test('RR-15: a refresh waits for the database once; only a rejected one causes the search for a lost rotation', async () => {
  const { server, fewest, close } = await startOnWire();
  const { refreshToken, email, password } = await signUp(server);
  let current = refreshToken;
  const exchange = async () => {
    const answer = await refresh(server, current);
    current = answer.refreshToken;
    return answer.__typename;
  };
  const replay = async () => (await refresh(server, refreshToken)).__typename;
  expect(await replay()).toBe('SignedIn');
  expect(await fewest(replay, 'SignedIn')).toBe(1);
  expect(await fewest(exchange, 'SignedIn')).toBe(1);
  // A session that has ended needs one more round trip and no lock.
  const ended = await signIn(server, { email, password });
  await server.graphql('mutation { logout { __typename } }', {}, { token: ended.accessToken });
  const refused = async () => (await refresh(server, ended.refreshToken)).__typename;
  expect(await fewest(refused, 'InvalidTokenError')).toBe(2);
  await close();
});

test('a registration waits for the database twice, for a free and for a taken address', async () => {
  const { server, fewest, register, close } = await startOnWire();
  const taken: string[] = [];
  for (let person = 0; person < 8; person += 1) taken.push((await signUp(server)).email);
  expect({
    free: await fewest((turn) => register(`free-${turn}@example.com`), 'EmailVerificationRequired'),
    taken: await fewest((turn) => register(taken[turn] ?? ''), 'EmailVerificationRequired'),
  }).toEqual({ free: 2, taken: 2 });
  await close();
});

test('a registration that signs in at once waits for the database twice; once for a taken address', async () => {
  const { fewest, register, close } = await startOnWire({ EMAIL_VERIFICATION: 'optional' });
  const free = (turn: number) => `at-once-${turn}@example.com`;
  expect({
    free: await fewest((turn) => register(free(turn)), 'SignedIn'),
    taken: await fewest((turn) => register(free(turn)), 'EmailTakenError'),
  }).toEqual({ free: 2, taken: 1 });
  await close();
});
