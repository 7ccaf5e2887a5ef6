import { describe, expect } from 'vitest';
import { readDeviceToken } from '../../src/rate-limit/device-token.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, signIn, signUp } from '../support/journeys.ts';
import { type Answer, startTestServer, type TestServer } from '../support/server.ts';

const test = testWithServer();

test('RL-2: one session is one device, however often it asks for a token', async ({ server }) => {
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
      devices.add(readDeviceToken(server.app.deps, person.email, token)?.id ?? null);
    }
    refreshToken = data.refreshToken.refreshToken;
  }
  expect([...devices]).toEqual([person.sessionId.replaceAll('-', '')]);
  expect((await signIn(server, person)).sessionId).not.toBe(person.sessionId);
});

describe('an address that nobody has proven (EMAIL_VERIFICATION=optional)', () => {
  const ASKED = '__typename ... on SignedIn { accessToken refreshToken deviceToken }';
  const DEVICE_COOKIE = '__Host-latchkey_device';
  /** Headers a cookie counts with (HT-2). */
  const OWN = {
    origin: 'https://app.example.com',
    'sec-fetch-site': 'same-site',
    'x-latchkey-csrf': '1',
  };
  const startOptional = (env: Readonly<Record<string, string>> = {}) =>
    startTestServer({ env: { EMAIL_VERIFICATION: 'optional', ...env } });
  const email = 'not-theirs@example.com';

  /** Each way in that takes no proof of the address, then the proof; what `read` finds in the answers. */
  async function walk<Found>(
    on: TestServer,
    read: (answer: Answer, name: string) => Found,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const ask = (name: string, type: string, input: object) =>
      on.graphql(
        `mutation ($input: ${type}) { ${name}(input: $input) { ${ASKED} } }`,
        { input },
        { headers },
      );
    const registered = await ask('register', 'RegisterInput!', { email, password: PASSWORD });
    const signedIn = await ask('login', 'LoginInput!', { email, password: PASSWORD });
    const { refreshToken } = signedIn.data.login;
    const variables = refreshToken === null ? undefined : { input: { refreshToken } };
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const refreshed = await on.graphql(
      `mutation ($input: RefreshTokenInput) { refreshToken(input: $input) { ${ASKED} } }`,
      variables,
      { headers: { ...headers, ...(cookie && { cookie }) } },
    );
    expect(refreshed.data.refreshToken.__typename).toBe('SignedIn');
    const { token } = await on.mailTo(email);
    const proof = { proof: { token }, password: PASSWORD };
    const proven = await ask('verifyEmail', 'VerifyEmailInput!', proof);
    return {
      before: [
        read(registered, 'register'),
        read(signedIn, 'login'),
        read(refreshed, 'refreshToken'),
      ],
      after: read(proven, 'verifyEmail'),
    };
  }

  test('RL-3: a person who claims such an address gets no device tokens before its owner comes', async () => {
    const optional = await startOptional();
    const { before, after } = await walk(optional, ({ data }, name) => data[name].deviceToken);
    expect(before).toEqual([null, null, null]);
    expect(readDeviceToken(optional.app.deps, email, after)).not.toBeNull();
    await optional.close();
  });

  test('RL-3: a person who claims such an address gets no device cookies in cookie mode', async () => {
    const optional = await startOptional({
      PUBLIC_URL: 'https://id.localhost',
      CORS_ORIGINS: OWN.origin,
      REFRESH_COOKIE: 'true',
    });
    const hasCookie = ({ headers }: Answer) =>
      headers.getSetCookie().some((one) => one.startsWith(`${DEVICE_COOKIE}=lkd_`));
    const { before, after } = await walk(optional, hasCookie, OWN);
    expect(before).toEqual([false, false, false]);
    expect(after).toBe(true);
    await optional.close();
  });
});
