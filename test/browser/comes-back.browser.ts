import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  arriveAt,
  fill,
  follow,
  givePassword,
  isRefused,
  isTold,
  openLink,
  press,
  register,
  signIn,
} from './support/acts.ts';
import { createAuthenticator, scan } from './support/authenticator.ts';
import { look } from './support/looks.ts';
import { newcomer, signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

/** What a person does not lose by a reload, by the back button, by a limit or by an outage (P-11, P-12). */

const site = useSite();

/** Signs in and sets up an app. @returns the app in the person's hand */
async function withApp(page: Page, account: { email: string; password: string }) {
  await signIn(page, account);
  await follow(page, 'Two-step verification');
  await press(page, 'Set up authenticator app');
  await arriveAt(page, 'Set up an authenticator app');
  const app = createAuthenticator(await scan(page));
  await fill(page, 'Code', await app.code());
  await arriveAt(page, 'Your backup codes');
  await press(page, 'I have saved them');
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
  return app;
}

const stored = (page: Page) => page.evaluate(() => JSON.stringify(sessionStorage));

test('P-12: the set-up page that is reloaded shows the picture that was scanned', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await follow(page, 'Two-step verification');
  await press(page, 'Set up authenticator app');
  await arriveAt(page, 'Set up an authenticator app');
  const secret = await scan(page);
  expect(await stored(page)).not.toContain(secret);
  await page.reload();
  await arriveAt(page, 'Set up an authenticator app');
  expect(await scan(page)).toBe(secret);
  expect(await look(page, 'two-step-app-reloaded')).toEqual([]);
  await fill(page, 'Code', await createAuthenticator(secret).code());
  await arriveAt(page, 'Your backup codes');
  expect(await stored(page)).not.toContain('latchkey.kept');
});

test('P-11: the second step survives a reload, and is forgotten with the sign-in', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  const app = await withApp(page, account);
  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  await page.getByLabel('Backup code', { exact: true }).check();
  await page.reload();
  await arriveAt(page, 'Confirm your sign-in');
  expect(await page.getByLabel('Backup code', { exact: true }).first().isChecked()).toBe(true);
  expect(await look(page, 'second-step-reloaded')).toEqual([]);
  await page.getByLabel('Authenticator app').check();
  await fill(page, 'Code', await app.code());
  await arriveAt(page, 'Your account');
  expect(await stored(page)).not.toContain('lkc_');
});

test('P-11: a challenge whose time has passed is no second step after a reload', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await withApp(page, account);
  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  await page.evaluate(() => {
    const key = 'latchkey.kept.challenge';
    const kept = JSON.parse(sessionStorage.getItem(key) ?? '');
    sessionStorage.setItem(key, JSON.stringify({ ...kept, until: new Date(0).toISOString() }));
  });
  await page.reload();
  await arriveAt(page, 'Sign in');
  expect(await stored(page)).not.toContain('lkc_');
  expect(await page.getByLabel('Email address', { exact: true }).inputValue()).toBe(account.email);
});

test('P-11: after the last try the sign-in begins anew, and “Start again” forgets the first step', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await withApp(page, account);
  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  for (let left = 4; left > 0; left -= 1) {
    await fill(page, 'Code', `00000${left}`);
    await isRefused(page, `Attempts left: ${left}.`);
  }
  await fill(page, 'Code', '000000');
  await arriveAt(page, 'Sign in');
  await isTold(page, 'too many wrong codes');
  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  await follow(page, 'Start again');
  await arriveAt(page, 'Sign in');
  expect(await stored(page)).not.toContain('lkc_');
});

test('P-11: a typed address survives a reload', async () => {
  const page = await site.visit();
  for (const path of ['/sign-up', '/sign-in', '/forgot-password']) {
    await page.goto(path);
    await fill(page, 'Email address', `typed${path.length}@example.com`);
    await page.reload();
    const field = page.getByLabel('Email address', { exact: true });
    expect(await field.inputValue()).toBe(`typed${path.length}@example.com`);
  }
});

test('P-11: Back after the verification leads to the account, and so does a tab left at “Check your mail”', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const other = await page.context().newPage();
  await other.goto('/verify-email');
  await arriveAt(other, 'Check your mail');
  await openLink(page, site.server, account.email, 'Confirm your email address');
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
  await arriveAt(other, 'Your account');
  await page.goBack();
  await arriveAt(page, 'Your account');
});

test('P-11: when another mail can be asked for is the server’s word, and survives a reload', async () => {
  const page = await site.visit();
  await register(page, newcomer());
  // As of somebody who has asked for every mail of the day.
  await page.evaluate(() => {
    const key = 'latchkey.kept.mailed';
    const { value, until } = JSON.parse(sessionStorage.getItem(key) ?? '');
    const resendableAt = new Date(Date.now() + 5 * 3_600_000).toISOString();
    sessionStorage.setItem(key, JSON.stringify({ value: { ...value, resendableAt }, until }));
  });
  await page.reload();
  await page.getByText('No mail?').click();
  await page.getByText('You can request another mail in 5 hours.').waitFor();
  expect(await page.getByText('Send another mail').isVisible()).toBe(false);
  expect(await look(page, 'mail-budget-used')).toEqual([]);
});

test('P-11: a limit counts down, and the button comes back by itself', async () => {
  const page = await site.visit();
  await page.clock.install();
  await page.goto('/sign-in');
  await arriveAt(page, 'Sign in');
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('mutation Login')) return route.continue();
    const login = { __typename: 'RateLimitedError', message: '', retryAfterSeconds: 125 };
    await route.fulfill({ json: { data: { login } } });
  });
  await fill(page, 'Email address', 'ada@example.com');
  await fill(page, 'Password', 'correct horse battery staple');
  await press(page, 'Sign in');
  await isRefused(page, 'Too many attempts. Try again in 3 minutes.');
  const button = page.getByRole('button', { name: 'Sign in', exact: true });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await page.clock.runFor(10_000);
  await page
    .locator('.lk-countdown')
    .filter({ hasText: /^1:5\d$/ })
    .waitFor();
  expect(await look(page, 'rate-limited')).toEqual([]);
  await page.clock.runFor(120_000);
  await isTold(page, 'You can try again now.');
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await button.getAttribute('aria-disabled')).toBe('false');
  await page.unroute('**/graphql');
  await press(page, 'Sign in');
  await isRefused(page, 'incorrect');
});

test('P-11: after an outage a page loads by itself, and a form says that it can be sent', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  let isDown = true;
  await page.route('**/graphql', (route) =>
    isDown ? route.abort('connectionrefused') : route.continue(),
  );
  await fill(page, 'Name', 'Ada Lovelace');
  await press(page, 'Save profile');
  await isRefused(page, 'The server could not be reached.');
  expect(await look(page, 'form-outage')).toEqual([]);
  isDown = false;
  await isTold(page, 'The server is reachable again.');
  await press(page, 'Save profile');
  await isTold(page, 'Your profile was saved.');
  isDown = true;
  await follow(page, 'Devices');
  await isRefused(page, 'This could not be loaded.');
  expect(await look(page, 'page-outage')).toEqual([]);
  isDown = false;
  await page.getByText('This device').waitFor();
  expect(await look(page, 'page-recovered')).toEqual([]);
  // A page that was opened while the server was away.
  isDown = true;
  await page.reload();
  await page.getByText('The server cannot be reached').first().waitFor();
  expect(await look(page, 'start-outage')).toEqual([]);
  isDown = false;
  await page.getByText('This device').waitFor();
  const noted = site.problems();
  expect(noted.filter((line) => !line.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
});
