import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDeviceToken } from '../../src/throttle/device-token.ts';
import { signIn, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('RL-2: one session is one device, however often it asks for a token', async () => {
  const person = await signUp(server);
  const devices = new Set<string | null>();
  let { refreshToken } = person;
  for (let round = 0; round < 3; round += 1) {
    const { data } = await server.graphql(
      `mutation ($input: RefreshTokenInput) { refreshToken(input: $input) {
        ... on SignedIn { refreshToken one: deviceToken other: deviceToken } } }`,
      { input: { refreshToken } },
    );
    const { one, other } = data.refreshToken;
    for (const token of [one, other]) {
      devices.add(readDeviceToken(server.app.deps, person.email, token));
    }
    refreshToken = data.refreshToken.refreshToken;
  }
  expect([...devices]).toEqual([person.sessionId.replaceAll('-', '')]);
  expect((await signIn(server, person)).sessionId).not.toBe(person.sessionId);
});
