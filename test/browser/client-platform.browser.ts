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

test('P-1: in a sandboxed frame, without storage and locks, a session begins, is refreshed and ends', async () => {
  const account = await signUpElsewhere(server);
  const context = await browser.newContext();
  const endpoint = `${server.url}/graphql`;
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.goto(site.url);
  await page.evaluate((url) => {
    const element = document.createElement('iframe');
    element.setAttribute('sandbox', 'allow-scripts');
    element.src = url;
    document.body.append(element);
  }, site.url);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  if (!frame) expect.fail('There is no frame.');
  await frame.waitForFunction(() => 'openFrame' in globalThis, null, { polling: 50 });
  const refusals = await frame.evaluate(async () => {
    const nameOf = (error: Error) => error.name;
    const storage = new Promise((resolve) => resolve(localStorage.length));
    const locks = new Promise((resolve) =>
      resolve(navigator.locks.request('x', async () => 'held')),
    );
    return [window.origin, await storage.catch(nameOf), await locks.catch(nameOf)];
  });
  expect(refusals).toEqual(['null', 'SecurityError', 'SecurityError']);

  // It has no origin that a server could allow, and the console says so and what to do.
  await frame.evaluate((to) => openTab(to, 'localStorage'), endpoint);
  const outcome = await frame.evaluate(
    (person) => tab.signIn(person).catch((error: Error) => error.name),
    account,
  );
  expect(outcome).toBe('UnreachableError');
  expect(said.join('\n')).toContain('This frame has no origin');
  expect(said.join('\n')).not.toContain('CORS_ORIGINS');

  await page.evaluate((to) => askForFrame(to), endpoint);
  await frame.evaluate((origin) => openFrame(origin, 'localStorage'), site.url);
  await frame.evaluate((person) => tab.signIn(person), account);
  const seen = await frame.evaluate(async () => {
    const before = await tab.session.getAccessToken();
    const start = performance.now();
    const after = await tab.session.refresh();
    const took = performance.now() - start;
    const isNew = typeof after === 'string' && after !== before;
    return { isNew, took, who: await tab.whoIsIt() };
  });
  expect(seen).toMatchObject({ isNew: true, who: account.email });
  // A lock that is refused is not waited for, as one is that another tab keeps.
  expect(seen.took).toBeLessThan(4900);
  expect(await frame.evaluate(() => tab.signOuts)).toBe(0);
  expect(await frame.evaluate(() => tab.session.signOut())).toEqual({ revoked: true });
  expect(await frame.evaluate(() => tab.signOuts)).toBe(1);
  expect(await frame.evaluate(() => tab.whoIsIt())).toBeNull();
});
