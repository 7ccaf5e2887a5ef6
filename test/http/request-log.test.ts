import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOGIN, PASSWORD, type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startTestServer();
  person = await signUp(server);
});
afterAll(() => server.close());

const VIEWER = 'query Who { viewer { user { email } } }';
const LOGOUT = 'mutation { logout { __typename } }';

/** The line of the request that was answered last. */
const lastLine = () => server.logged.findLast(({ message }) => message === 'request');

test('a line tells what was asked for, what it came to, by whom, and how long it took', async () => {
  const { headers } = await server.graphql(VIEWER, {}, { token: person.accessToken });
  expect(lastLine()).toEqual({
    level: 'info',
    message: 'request',
    requestId: headers.get('x-request-id'),
    method: 'POST',
    path: '/graphql',
    status: 200,
    durationMs: expect.any(Number),
    operation: 'Who',
    userId: person.userId,
  });
});

test('a mutation is told by its name and the member of its union', async () => {
  const input = { email: person.email, password: `not ${PASSWORD}` };
  await server.graphql(LOGIN, { input });
  expect(lastLine()).toMatchObject({
    operation: 'mutation',
    outcome: 'login:InvalidCredentialsError',
  });
  expect(lastLine()).not.toHaveProperty('userId');
});

test('a token whose session is over is nobody', async () => {
  const { accessToken: token } = await signUp(server);
  await server.graphql(LOGOUT, {}, { token });
  expect(lastLine()).toMatchObject({ outcome: 'logout:SignedOut', userId: expect.any(String) });
  await server.graphql(VIEWER, {}, { token });
  expect(lastLine()).not.toHaveProperty('userId');
});

test('LO-2: of a path that does not exist, and of a query string, nothing is written', async () => {
  await server.request('/canary-path?token=canary-token');
  expect(lastLine()).toMatchObject({ path: null, status: 404 });
  await server.request('/health/live?token=canary-token');
  expect(lastLine()).toMatchObject({ level: 'debug', path: '/health/live' });
  expect(JSON.stringify(server.logged)).not.toContain('canary');
});
