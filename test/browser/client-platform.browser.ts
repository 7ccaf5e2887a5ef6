import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './support/chromium.ts';
import { type ClientPage, serveClientPage } from './support/client-page.ts';
import { signUpElsewhere } from './support/people.ts';
import { type RealServer, startRealServer } from './support/real-server.ts';
import { tabsOf, twoSignedIn } from './support/tabs.ts';

/** P-1 in Chromium itself: what test/client shows with platforms of its own. */

let site: ClientPage;
let browser: Browser;
let server: RealServer;
beforeAll(async () => {
  site = await serveClientPage();
  server = await startRealServer(async () => ({ CORS_ORIGINS: site.url }));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  site.close();
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

test('P-1: a tab that keeps the lock, as a suspended one does, holds up no other tab', async () => {
  const account = await signUpElsewhere(server);
  const context = await browser.newContext();
  const endpoint = `${server.url}/graphql`;
  const person = tabsOf(context, { page: site.url, endpoint, keeping: 'localStorage' });
  const [suspended, other] = await twoSignedIn(person, account);
  await suspended.evaluate(
    () =>
      new Promise<void>((held) => {
        navigator.locks.request('latchkey', () => {
          held();
          return new Promise(() => {});
        });
      }),
  );
  const seen = await other.evaluate(async () => {
    const before = await tab.session.getAccessToken();
    const start = performance.now();
    const refreshing = tab.session.refresh();
    const meanwhile = await tab.session.getAccessToken();
    const served = performance.now() - start;
    const after = await refreshing;
    const refreshed = performance.now() - start;
    return { isServed: meanwhile === before, isNew: after !== before, served, refreshed };
  });
  process.stdout.write(
    `a token beside a kept lock: ${seen.served.toFixed(0)} ms; a refresh: ${seen.refreshed.toFixed(0)} ms\n`,
  );
  expect(seen).toMatchObject({ isServed: true, isNew: true });
  expect(seen.served).toBeLessThan(1000);
  expect(seen.refreshed).toBeGreaterThanOrEqual(4900);
  expect(await other.evaluate(() => tab.signOuts)).toBe(0);
  expect(await other.evaluate(() => tab.whoIsIt())).toBe(account.email);
});
