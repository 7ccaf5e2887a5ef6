import { expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, type Person, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';

let person: Person;
const test = testWithServer();
test.beforeAll(async ({ server }) => {
  person = await signUp(server);
});

const VIEWER = 'query Who { viewer { user { email } } }';
const LOGOUT = 'mutation { logout { __typename } }';

/** The line of the latest request. */
const lastLine = (server: TestServer) =>
  server.logged.findLast(({ message }) => message === 'request');

test('a line has the operation, the outcome, the user and the duration', async ({ server }) => {
  const { headers } = await server.graphql(VIEWER, {}, { token: person.accessToken });
  expect(lastLine(server)).toEqual({
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

test('a mutation is logged with its name and the member of its union', async ({ server }) => {
  const input = { email: person.email, password: `not ${PASSWORD}` };
  await server.graphql(LOGIN, { input });
  expect(lastLine(server)).toMatchObject({
    operation: 'mutation',
    outcome: 'login:InvalidCredentialsError',
  });
  expect(lastLine(server)).not.toHaveProperty('userId');
});

test('a token of an ended session has no user', async ({ server }) => {
  const { accessToken: token } = await signUp(server);
  await server.graphql(LOGOUT, {}, { token });
  expect(lastLine(server)).toMatchObject({
    outcome: 'logout:SignedOut',
    userId: expect.any(String),
  });
  await server.graphql(VIEWER, {}, { token });
  expect(lastLine(server)).not.toHaveProperty('userId');
});

test('LO-2: unknown paths and query strings are not logged', async ({ server }) => {
  await server.request('/canary-path?token=canary-token');
  expect(lastLine(server)).toMatchObject({ path: null, status: 404 });
  await server.request('/health/live?token=canary-token');
  expect(lastLine(server)).toMatchObject({ level: 'debug', path: '/health/live' });
  expect(JSON.stringify(server.logged)).not.toContain('canary');
});
