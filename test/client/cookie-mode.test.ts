import { expect } from 'vitest';
import { login, revokeSession, viewer } from '../../client/src/generated/operations.ts';
import type { Session, SignedInTokens } from '../../client/src/index.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createBrowser } from './browser.ts';

const REFRESH_COOKIE = '__Host-latchkey_refresh';
const DEVICE_COOKIE = '__Host-latchkey_device';

let person: Person;
let browser: ReturnType<typeof createBrowser>;
let tab: Session;
const test = testWithServer({
  env: {
    PUBLIC_URL: 'https://id.localhost',
    CORS_ORIGINS: 'https://app.example.com',
    REFRESH_COOKIE: 'true',
  },
});

test.beforeEach(async ({ server }) => {
  person = await signUp(server);
  browser = createBrowser(server, { storage: 'cookie' });
  tab = browser.open();
});

const credentials = () => ({ email: person.email, password: person.password });

async function signIn(from: Session): Promise<SignedInTokens> {
  const { email, password } = person;
  const signedIn = await from.execute(login, { input: { email, password } });
  if (signedIn.__typename !== 'SignedIn') expect.fail(signedIn.__typename);
  from.signIn(signedIn);
  return signedIn;
}

/** Guesses from many sources, until no unknown device may try. */
async function lockOut(on: TestServer, { email, password }: Person): Promise<void> {
  for (let n = 0; n < 15; n += 1) {
    const input = { email, password: 'not this one' };
    await on.graphql(LOGIN, { input }, { address: `198.51.100.${n}` });
  }
  const { data } = await on.graphql(LOGIN, { input: { email, password } });
  expect(data.login.__typename).toBe('RateLimitedError');
}

test('RR-12: on a listed origin, no script can read a token after a reload, and the session continues', async () => {
  const signedIn = await signIn(tab);
  expect(signedIn).toMatchObject({ refreshToken: null, deviceToken: null });
  expect([...browser.cookies.keys()].sort()).toEqual([DEVICE_COOKIE, REFRESH_COOKIE]);
  expect(browser.shared.getItem('latchkey')).toBeNull();
  tab.close();

  const before = browser.cookies.get(REFRESH_COOKIE);
  const reloaded = browser.open();
  expect(reloaded.state()).toEqual({ status: 'starting' });
  expect(await reloaded.execute(viewer)).toMatchObject({ user: { id: person.userId } });
  expect(browser.cookies.get(REFRESH_COOKIE)).not.toBe(before);
});

test('RR-12: 200 concurrent refreshes in two tabs with one cookie: 0 sign-outs', async () => {
  await signIn(tab);
  const tabs = [tab, browser.open()];
  const tokens = await Promise.all(
    tabs.flatMap((one) => Array.from({ length: 100 }, () => one.refresh())),
  );
  expect(tokens.filter((token) => token === null)).toEqual([]);
  expect(browser.network.refreshes).toBeLessThanOrEqual(2);
});

test('signing out removes the refresh cookie and ends the session, and the device stays known', async ({
  server,
}) => {
  await signIn(tab);
  const token = await tab.getAccessToken();
  expect(await tab.signOut()).toEqual({ revoked: true });
  expect([...browser.cookies.keys()]).toEqual([DEVICE_COOKIE]);
  const { data } = await server.graphql(viewer, {}, { token: token ?? '' });
  expect(data.viewer).toBeNull();
  const next = browser.open();
  expect(await next.getAccessToken()).toBeNull();
  expect(next.state()).toEqual({ status: 'signed-out', because: 'never' });
});

test('P-5: the response that reports an invalid cookie removes it, however the session ended', async ({
  server,
}) => {
  const ways: Readonly<Record<string, (token: string, sessionId: string) => Promise<unknown>>> = {
    'revoked from another device': async () => {
      const elsewhere = await server.graphql(LOGIN, { input: credentials() });
      const token = elsewhere.data.login.accessToken;
      const mutation = 'mutation { revokeOtherSessions { __typename } }';
      return await server.graphql(mutation, {}, { token });
    },
    'revoked by itself': (token, sessionId) =>
      tab.execute(revokeSession, { input: { sessionId } }).then((revoked) => {
        expect(revoked.__typename).toBe('SessionsRevoked');
        expect(browser.cookies.has(REFRESH_COOKIE)).toBe(false);
        return token;
      }),
  };
  for (const [way, end] of Object.entries(ways)) {
    browser = createBrowser(server, { storage: 'cookie' });
    tab = browser.open();
    const { accessToken, viewer: mine } = (await signIn(tab)) as SignedInTokens & {
      readonly viewer: { readonly session: { readonly id: string } };
    };
    await end(accessToken, mine.session.id);
    tab.close();
    const reloaded = browser.open();
    expect(await reloaded.getAccessToken(), way).toBeNull();
    expect([...browser.cookies.keys()], way).toEqual([DEVICE_COOKIE]);
  }
});

test('P-5: an invalid token in a body says nothing about the cookie beside it', async () => {
  await signIn(tab);
  const refreshToken = `lkr_${'A'.repeat(86)}`;
  const { data } = await browser.transport({
    query: 'mutation ($input: RefreshTokenInput) { refreshToken(input: $input) { __typename } }',
    variables: { input: { refreshToken } },
  });
  expect(data).toEqual({ refreshToken: { __typename: 'InvalidTokenError' } });
  expect(browser.cookies.has(REFRESH_COOKIE)).toBe(true);
});

test('SE-3: signing out with a rejected access token ends the session by its cookie', async () => {
  const signedIn = await signIn(tab);
  tab.close();
  // As after a loss of SECRET_KEYS: the access token is invalid, and the session is active.
  const page = browser.open();
  page.signIn({ ...signedIn, accessToken: `${signedIn.accessToken.slice(0, -6)}AAAAAA` });
  expect(await page.signOut()).toEqual({ revoked: true });
  expect([...browser.cookies.keys()]).toEqual([DEVICE_COOKIE]);
});

test('RL-3: while strangers lock the account, this browser signs in with its cookie', async ({
  server,
}) => {
  await signIn(tab);
  await tab.signOut();
  await lockOut(server, person);
  expect(await signIn(browser.open())).toMatchObject({ __typename: 'SignedIn' });
});

test('RL-3: without cookies, the device token that is sent along signs in', async () => {
  const plain = await startTestServer();
  const owner = await signUp(plain);
  const { email, password } = owner;
  const page = createBrowser(plain).open();
  const first = await page.execute(login, { input: { email, password } });
  if (first.__typename !== 'SignedIn') expect.fail(first.__typename);
  page.signIn(first);
  await page.signOut();
  await lockOut(plain, owner);
  const deviceToken = page.deviceToken();
  const taken = await page.execute(login, { input: { email, password, deviceToken } });
  expect(taken.__typename).toBe('SignedIn');
  await plain.close();
});
