import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HonestProvider, startHonestProvider } from '../support/honest-provider.ts';
import { launchChromium } from './support/chromium.ts';
import { look } from './support/looks.ts';
import { agree } from './support/provider-pages.ts';
import { type RealServer, startRealServer } from './support/real-server.ts';
import { watch } from './support/watch.ts';

/** The development server's own pages: what one has before there is an app. */

let provider: HonestProvider;
let server: RealServer;
let browser: Browser;
beforeAll(async () => {
  server = await startRealServer(async (url) => {
    provider = await startHonestProvider([`${url}/oauth/callback/honest`]);
    return { OIDC_PROVIDERS: JSON.stringify([provider.setting()]) };
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  provider.close();
});

test('a round trip to a provider by hand: signed in, then another one linked', async () => {
  const context = await browser.newContext();
  const problems = watch(context, [server.url]);
  const page = await context.newPage();
  const showsStatus = (words: string) =>
    page.getByRole('status').filter({ hasText: words }).waitFor();
  await page.goto(`${server.url}/dev/oauth`);
  await page.getByRole('button', { name: 'Honest' }).click();
  await agree(page, 'ada');
  await showsStatus('You are signed in as ada@example.com');
  expect(page.url(), 'the code is out of the address bar').toBe(
    `${server.url}/oauth/callback/honest`,
  );
  const accessToken = await page.locator('textarea').nth(1).inputValue();
  await page.reload();
  await showsStatus('did not start a sign-in');

  await context.clearCookies();
  await page.goto(`${server.url}/dev/oauth`);
  await page.locator('#accessToken').fill(accessToken);
  await page.getByRole('button', { name: 'Honest' }).click();
  await agree(page, 'grace');
  await showsStatus('Honest is linked');
  expect(problems).toEqual([]);
  await context.close();
});

test.each(['/', '/dev/mailbox', '/dev/oauth'])('%s can be read by everybody', async (path) => {
  const context = await browser.newContext();
  const problems = watch(context, [server.url]);
  const page = await context.newPage();
  await page.goto(`${server.url}${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await look(page, `dev${path.replaceAll('/', '-')}`)).toEqual([]);
  expect(problems).toEqual([]);
  await context.close();
});
