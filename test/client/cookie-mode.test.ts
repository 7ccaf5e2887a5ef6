import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { login, viewer } from '../../client/src/generated/operations.ts';
import type { Session, SignedInTokens } from '../../client/src/index.ts';
import { LOGIN, type Person, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createBrowser } from './browser.ts';

const REFRESH_COOKIE = '__Host-latchkey_refresh';
const DEVICE_COOKIE = '__Host-latchkey_device';

let server: TestServer;
let person: Person;
let browser: ReturnType<typeof createBrowser>;
let tab: Session;
beforeAll(async () => {
  server = await startTestServer({
    env: {
      PUBLIC_URL: 'https://id.localhost',
      CORS_ORIGINS: 'https://app.example.com',
      REFRESH_COOKIE: 'true',
    },
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  person = await signUp(server);
  browser = createBrowser(server, { storage: 'cookie' });
  tab = browser.open();
});

async function signIn(from: Session): Promise<SignedInTokens> {
  const { email, password } = person;
  const signedIn = await from.execute(login, { input: { email, password } });
  if (signedIn.__typename !== 'SignedIn') expect.fail(signedIn.__typename);
  from.signIn(signedIn);
  return signedIn;
}

/** Guesses from everywhere, until nobody unknown may try. */
async function lockOut(on: TestServer, { email, password }: Person): Promise<void> {
  for (let n = 0; n < 15; n += 1) {
    const input = { email, password: 'not this one' };
    await on.graphql(LOGIN, { input }, { address: `198.51.100.${n}` });
  }
  const { data } = await on.graphql(LOGIN, { input: { email, password } });
  expect(data.login.__typename).toBe('RateLimitedError');
}

test('RR-12: on a listed origin a sign-in leaves no token a script could read after a reload, and the reload goes on', async () => {
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

test('RR-12: 200 refreshes at once in two tabs of one cookie: 0 sign-outs', async () => {
  await signIn(tab);
  const tabs = [tab, browser.open()];
  const tokens = await Promise.all(
    tabs.flatMap((one) => Array.from({ length: 100 }, () => one.refresh())),
  );
  expect(tokens.filter((token) => token === null)).toEqual([]);
  expect(browser.network.refreshes).toBeLessThanOrEqual(2);
});

test('a sign-out takes the refresh cookie, and ends the session; the device stays known', async () => {
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

test('RL-3: while strangers lock the account, this browser gets in by its cookie', async () => {
  await signIn(tab);
  await tab.signOut();
  await lockOut(server, person);
  expect(await signIn(browser.open())).toMatchObject({ __typename: 'SignedIn' });
});

test('RL-3: without cookies it is the device token, sent along, that gets in', async () => {
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
