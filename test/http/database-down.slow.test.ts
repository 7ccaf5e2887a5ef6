import { afterAll, beforeAll, expect } from 'vitest';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { type PrivatePostgres, startPrivatePostgres } from '../db/private-postgres.ts';
import { memoryLog } from '../db/support.ts';
import { testWithServer } from '../support/fixture.ts';
import {
  LOGIN,
  type Person,
  REFRESH,
  REGISTER,
  refresh,
  signIn,
  signUp,
  VERIFY_EMAIL,
} from '../support/journeys.ts';
import type { Answer, TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const VIEWER = '{ viewer { user { id } } }';
const LOGOUT = 'mutation { logout { __typename } }';
const SETTINGS = '{ authSettings { passwordMinLength } }';

let postgres: PrivatePostgres;

let person: Person;
const test = testWithServer(() => ({
  database: { url: postgres.url, drop: async () => undefined },
}));
beforeAll(async () => {
  postgres = await startPrivatePostgres();
  await migrateUp(postgres.url, { folder: MIGRATIONS_FOLDER, log: memoryLog() });
});
test.beforeAll(async ({ server }) => {
  person = await signUp(server);
});
afterAll(async () => {
  await postgres.remove();
});

/** RR-8: a fault of the database must not look like an invalid token. */
function expectUnavailable({ status, text, errors, data }: Answer, what: string): void {
  expect(status, `${what}: ${text}`).toBe(503);
  expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['SERVICE_UNAVAILABLE']);
  expect(errors[0]?.extensions?.['requestId']).toMatch(/^[\w.-]{8,64}$/);
  for (const value of Object.values(data ?? {})) expect(value, what).toBeNull();
  expect(text, what).not.toMatch(/InvalidTokenError|NotAuthenticatedError|InvalidCredentials/);
  expect(text, what).not.toMatch(/ECONN|127\.0\.0\.1|select |insert |update |postgres/i);
}

function everything(
  server: TestServer,
  token: string,
  refreshToken: string,
): Record<string, () => Promise<Answer>> {
  const { email, password } = person;
  const proof = { code: { email, code: '12345678' } };
  return {
    login: () => server.graphql(LOGIN, { input: { email, password } }),
    'a wrong login': () => server.graphql(LOGIN, { input: { email, password: 'wrong' } }),
    refreshToken: () => server.graphql(REFRESH, { input: { refreshToken } }),
    viewer: () => server.graphql(VIEWER, undefined, { token }),
    logout: () => server.graphql(LOGOUT, undefined, { token }),
    register: () => server.graphql(REGISTER, { input: { email: 'b@example.com', password } }),
    verifyEmail: () => server.graphql(VERIFY_EMAIL, { input: { proof } }),
  };
}

/**
 * The first response once the database is back. The pool repeats a failed connection after a quarter of
 * a second: until then a call may still be answered 503.
 */
async function verdictOf(call: (() => Promise<Answer>) | undefined): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => {
    answer = await call?.();
    return answer?.status === 200;
  }, 2_000);
  if (!answer) throw new Error('There is no such call.');
  return answer;
}

test('RR-8, F-6: without a database every call is answered 503 within 3 s; once it is back, calls succeed', async ({
  server,
}) => {
  await postgres.stop();
  const calls = everything(server, person.accessToken, person.refreshToken);
  for (const [what, call] of Object.entries(calls)) {
    const started = performance.now();
    expectUnavailable(await call(), what);
    expect(performance.now() - started, what).toBeLessThan(3_000);
  }
  expect((await server.request('/health/live')).status).toBe(200);
  await until(async () => (await server.request('/health/ready')).status === 503, 2_000);
  // Requests that need no database are answered, among them one with a forged token.
  expect((await server.graphql(SETTINGS)).status).toBe(200);
  expect((await server.graphql(VIEWER, undefined, { token: 'x' })).data).toEqual({ viewer: null });
  expect((await refresh(server, 'lkr_forged')).__typename).toBe('InvalidTokenError');
  expect((await server.request('/.well-known/jwks.json')).status).toBe(200);

  await postgres.start();
  await until(async () => (await server.request('/health/ready')).status === 200);
  const { viewer, refreshToken } = everything(server, person.accessToken, person.refreshToken);
  expect((await verdictOf(viewer)).data.viewer.user.id).toBe(person.userId);
  expect((await verdictOf(refreshToken)).data.refreshToken.__typename).toBe('SignedIn');
});

test('RR-8: with a frozen database calls are answered 503 within 3 s, and the same token works afterwards', async ({
  server,
}) => {
  const { accessToken, refreshToken } = await signIn(server, person);
  await postgres.freeze();
  try {
    const {
      refreshToken: refreshing,
      viewer,
      login,
    } = everything(server, accessToken, refreshToken);
    const started = performance.now();
    const answers = await Promise.all([refreshing?.(), viewer?.(), login?.()]);
    expect(performance.now() - started).toBeLessThan(3_000);
    for (const answer of answers) if (answer) expectUnavailable(answer, 'frozen');
  } finally {
    postgres.thaw();
  }
  await until(async () => (await server.request('/health/ready')).status === 200);
  const { refreshToken: again } = everything(server, accessToken, refreshToken);
  expect((await verdictOf(again)).data.refreshToken.__typename).toBe('SignedIn');
});
