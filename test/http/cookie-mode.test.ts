import { describe, expect } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, REFRESH, REGISTER, VERIFY_EMAIL } from '../support/journeys.ts';
import type { Answer, TestServer } from '../support/server.ts';

const APP = 'https://app.example.com';
const OWN = { origin: APP, 'sec-fetch-site': 'same-site', 'x-latchkey-csrf': '1' };
const email = 'ada@example.com';

const test = testWithServer({
  env: {
    PUBLIC_URL: 'https://id.localhost',
    CORS_ORIGINS: APP,
    REFRESH_COOKIE: 'true',
  },
});
test.beforeAll(async ({ server }) => {
  const { data } = await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
  const { registrationToken } = data.register;
  const { code } = await server.mailTo(email);
  const proof = { code: { email, code } };
  await server.graphql(VERIFY_EMAIL, { input: { proof, registrationToken } });
});

/** The cookies that a response sets: name to value. */
function cookiesOf({ headers }: Answer): Map<string, string> {
  return new Map(
    headers.getSetCookie().map((line) => {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=', 2);
      return [name, value];
    }),
  );
}

async function signIn(server: TestServer): Promise<string> {
  const answer = await server.graphql(LOGIN, { input: { email, password: PASSWORD } });
  return `__Host-latchkey_refresh=${cookiesOf(answer).get('__Host-latchkey_refresh')}`;
}

const refresh = (server: TestServer, headers: Record<string, string>) =>
  server.graphql(REFRESH, undefined, { headers });

describe('HT-3: the cookie', () => {
  test('scripts, other sites and plain http cannot read the cookie, and no body holds a token', async ({
    server,
  }) => {
    const answer = await server.graphql(
      `mutation ($input: LoginInput!) { login(input: $input) {
        ... on SignedIn { refreshToken deviceToken accessToken } } }`,
      { input: { email, password: PASSWORD } },
    );
    const lines = answer.headers.getSetCookie();
    expect(lines.map((line) => line.split('=')[0])).toEqual([
      '__Host-latchkey_refresh',
      '__Host-latchkey_device',
    ]);
    for (const line of lines) {
      expect(line).toMatch(/; Path=\/(;|$)/);
      expect(line).toMatch(/; Secure/);
      expect(line).toMatch(/; HttpOnly/);
      expect(line).toMatch(/; SameSite=Strict/);
      expect(line).not.toMatch(/Domain/i);
      expect(line.length).toBeLessThan(4096);
    }
    expect(answer.data.login).toMatchObject({ refreshToken: null, deviceToken: null });
    for (const value of cookiesOf(answer).values()) expect(answer.text).not.toContain(value);
  });

  test('a page of a listed origin refreshes with the cookie, and signing out clears it', async ({
    server,
  }) => {
    const cookie = await signIn(server);
    const answer = await refresh(server, { ...OWN, cookie });
    expect(answer.data.refreshToken).toMatchObject({ __typename: 'SignedIn', refreshToken: null });
    const out = await server.graphql('mutation { logout { __typename } }', undefined, {
      token: answer.data.refreshToken.accessToken,
    });
    expect(out.headers.getSetCookie().join()).toContain('Max-Age=0');
  });
});

describe('HT-2: the cookie of a request that no page of ours made is not read', () => {
  const forged: [string, Record<string, string>][] = [
    ['no header at all', {}],
    ['another origin', { ...OWN, origin: 'https://evil.example' }],
    ['another origin on the same site', { ...OWN, origin: 'https://evil.example.com' }],
    ['an origin of null', { ...OWN, origin: 'null' }],
    ['the browser says another site', { ...OWN, 'sec-fetch-site': 'cross-site' }],
    ['the browser says nobody', { ...OWN, 'sec-fetch-site': 'none' }],
    ['without the header that needs a preflight', { origin: APP, 'sec-fetch-site': 'same-site' }],
    ['the header alone', { 'x-latchkey-csrf': '1' }],
    ['a suffix of the origin', { ...OWN, origin: `${APP}.evil.example` }],
  ];
  test.for(forged)('%s', async ([_, headers], { server }) => {
    const cookie = await signIn(server);
    const answer = await refresh(server, { ...headers, cookie });
    expect(answer.data.refreshToken.__typename).toBe('InvalidTokenError');
    expect(answer.headers.getSetCookie()).toEqual([]);
    // The session is unchanged: its owner still refreshes with the same cookie.
    const owner = await refresh(server, { ...OWN, cookie });
    expect(owner.data.refreshToken.__typename).toBe('SignedIn');
  });

  test('this server’s own pages need not be listed', async ({ server }) => {
    const cookie = await signIn(server);
    const own = { 'x-latchkey-csrf': '1', 'sec-fetch-site': 'same-origin', cookie };
    expect((await refresh(server, own)).data.refreshToken.__typename).toBe('SignedIn');
  });

  test('if two cookies have the same name, neither is read', async ({ server }) => {
    const cookie = await signIn(server);
    const answer = await refresh(server, { ...OWN, cookie: `${cookie}; ${await signIn(server)}` });
    expect(answer.data.refreshToken.__typename).toBe('InvalidTokenError');
  });

  test('a cookie without the __Host- prefix is not read', async ({ server }) => {
    const cookie = (await signIn(server)).replace('__Host-', '');
    const answer = await refresh(server, { ...OWN, cookie });
    expect(answer.data.refreshToken.__typename).toBe('InvalidTokenError');
  });
});

test('RL-3: in cookie mode the device cookie identifies the device', async ({ server }) => {
  const answer = await server.graphql(LOGIN, { input: { email, password: PASSWORD } });
  const device = cookiesOf(answer).get('__Host-latchkey_device');
  for (let n = 0; n < 12; n += 1) {
    const address = `10.20.0.${n}`;
    await server.graphql(LOGIN, { input: { email, password: 'a wrong one' } }, { address });
  }
  const input = { email, password: PASSWORD };
  const stranger = await server.graphql(LOGIN, { input }, { address: '10.20.1.1' });
  expect(stranger.data.login.__typename).toBe('RateLimitedError');
  const headers = { ...OWN, cookie: `__Host-latchkey_device=${device}` };
  const owner = await server.graphql(LOGIN, { input }, { headers, address: '10.20.1.1' });
  expect(owner.data.login.__typename).toBe('SignedIn');
});
