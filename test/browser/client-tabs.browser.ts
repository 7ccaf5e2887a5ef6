import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from './support/chromium.ts';
import type { Keeping } from './support/client-entry.ts';
import { type ClientPage, serveClientPage } from './support/client-page.ts';
import { signInElsewhere, signUpElsewhere } from './support/people.ts';
import { type RealServer, startRealServer } from './support/real-server.ts';
import { hasStatus, tabsOf, twoSignedIn } from './support/tabs.ts';

/** The client library in real tabs: what test/client shows with locks and channels of its own. */

const ROUNDS = 100;
const AT_ONCE = 100;
const KEEPINGS: readonly Keeping[] = ['memory', 'cookie', 'localStorage'];

let site: ClientPage;
let browser: Browser;
/** Where tokens travel in bodies, and where in a cookie. */
let servers: Readonly<Record<'body' | 'cookie', RealServer>>;

beforeAll(async () => {
  site = await serveClientPage();
  const start = (cookie: boolean) =>
    startRealServer(async () => ({ CORS_ORIGINS: site.url, REFRESH_COOKIE: String(cookie) }));
  const [body, cookie] = await Promise.all([start(false), start(true)]);
  servers = { body, cookie };
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
  site.close();
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

/** A newcomer's browser, with two tabs where they are signed in. */
async function twoTabs(keeping: Keeping) {
  const server = keeping === 'cookie' ? servers.cookie : servers.body;
  const account = await signUpElsewhere(server);
  const context = await browser.newContext();
  const person = tabsOf(context, { page: site.url, endpoint: `${server.url}/graphql`, keeping });
  const tabs = await twoSignedIn(person, account);
  return { ...person, account, context, server, tabs };
}

/** Refreshes in a tab, so many times at once. @returns how often that came to nothing */
const refreshAtOnce = (page: Page, times: number) =>
  page.evaluate(async (count) => {
    const refreshed = await Promise.all(Array.from({ length: count }, () => tab.session.refresh()));
    return refreshed.filter((token) => token === null).length;
  }, times);

const signOutsOf = (page: Page) => page.evaluate(() => tab.signOuts);

describe.each(KEEPINGS)('RR-5: tokens in %s', (keeping) => {
  test(`two tabs refreshing at once, ${ROUNDS} rounds, ${AT_ONCE} calls in each: 0 sign-outs`, async () => {
    const { tabs, refreshes, account } = await twoTabs(keeping);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, other] = await Promise.all(tabs.map((page) => refreshAtOnce(page, AT_ONCE)));
      refused += (one ?? 0) + (other ?? 0);
    }
    const signOuts = (await signOutsOf(tabs[0])) + (await signOutsOf(tabs[1]));
    process.stdout.write(
      `${keeping}: 2 tabs × ${ROUNDS} rounds × ${AT_ONCE} refreshes: ${refreshes()} exchanges, ${signOuts} sign-outs\n`,
    );
    expect([signOuts, refused]).toEqual([0, 0]);
    // At least one a round, and never more than one a tab: the others are answered by it.
    expect(refreshes()).toBeGreaterThanOrEqual(ROUNDS);
    expect(refreshes()).toBeLessThanOrEqual(2 * ROUNDS);
    for (const page of tabs) expect(await page.evaluate(() => tab.whoIsIt())).toBe(account.email);
  });

  test('a session revoked elsewhere closes both tabs, also the one that asked nothing', async () => {
    const { tabs, server, account } = await twoTabs(keeping);
    const token = await signInElsewhere(server, account);
    const { data } = await server.post(
      'mutation { revokeOtherSessions { __typename } }',
      {},
      token,
    );
    expect(data.revokeOtherSessions.__typename).toBe('SessionsRevoked');
    expect(await tabs[0].evaluate(() => tab.whoIsIt())).toBeNull();
    await hasStatus(tabs[1], 'signed-out');
    for (const page of tabs) {
      const state = await page.evaluate(() => tab.session.state());
      expect(state).toEqual({ status: 'signed-out', because: 'ended' });
    }
  });

  test('signing out in one tab signs out all, and the session has ended', async () => {
    const { tabs, open } = await twoTabs(keeping);
    expect(await tabs[0].evaluate(() => tab.session.signOut())).toEqual({ revoked: true });
    await hasStatus(tabs[1], 'signed-out');
    expect(await tabs[1].evaluate(() => tab.whoIsIt())).toBeNull();
    const third = await open();
    expect(await third.evaluate(() => tab.session.getAccessToken())).toBeNull();
  });
});

test.each(['memory', 'cookie'] as const)(
  'offline and back, with tokens in %s: nobody is signed out',
  async (keeping) => {
    const { tabs, context, account } = await twoTabs(keeping);
    await context.setOffline(true);
    const failed = await Promise.all(
      tabs.map((page) =>
        page.evaluate(() => tab.session.refresh().catch((error: Error) => error.name)),
      ),
    );
    expect(failed).toEqual(['UnreachableError', 'UnreachableError']);
    for (const page of tabs) {
      expect(await page.evaluate(() => tab.session.state())).toMatchObject({
        status: 'signed-in',
        offline: true,
      });
      expect(await page.evaluate(() => tab.session.getAccessToken())).not.toBeNull();
    }
    await context.setOffline(false);
    for (const page of tabs) {
      // By itself, as soon as the browser says that it is online again.
      await page.waitForFunction(() => {
        const state = tab.session.state();
        return state.status === 'signed-in' && !state.offline;
      });
      expect(await page.evaluate(() => tab.whoIsIt())).toBe(account.email);
      expect(await signOutsOf(page)).toBe(0);
    }
  },
);
