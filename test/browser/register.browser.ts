import type { Response } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  arriveAt,
  fill,
  givePassword,
  isRefused,
  isTold,
  openLink,
  press,
  register,
  signIn,
} from './support/acts.ts';
import { look } from './support/looks.ts';
import { newcomer } from './support/people.ts';
import { useSite } from './support/site.ts';

const SUBJECT = 'Confirm your email address';

const site = useSite();

test('register, open the link of the mail, press the button: signed in', async () => {
  const page = await site.visit();
  const account = newcomer();
  await page.goto('/sign-up');
  await arriveAt(page, 'Create an account');
  expect(await look(page, 'register')).toEqual([]);
  await register(page, account);
  expect(await look(page, 'check-your-mail')).toEqual([]);
  await openLink(page, site.server, account.email, SUBJECT);
  await arriveAt(page, SUBJECT);
  // The token is out of the address bar, and so out of the history (a Referer never has it).
  await page.waitForURL((url) => url.search === '');
  expect(await look(page, 'verify-email')).toEqual([]);
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
});

test('register and type the code of the mail', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const { code } = await site.server.mail(account.email, SUBJECT);
  await fill(page, 'Code', code ?? '');
  await arriveAt(page, 'Your account');
});

test('PR-11: the link opened in another tab of the same browser is enough', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const { link } = await site.server.mail(account.email, SUBJECT);
  const tab = await page.context().newPage();
  await tab.goto(link ?? '');
  await press(tab, 'Confirm address');
  await arriveAt(tab, 'Your account');
  await press(tab, 'Sign out');
  await signIn(tab, account);
});

test('PR-11: the link opened in another browser asks for a password, and that one counts', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const phone = await site.visit();
  await openLink(phone, site.server, account.email, SUBJECT);
  await press(phone, 'Confirm address');
  await arriveAt(phone, 'Choose a password');
  expect(await look(phone, 'password-needed')).toEqual([]);
  await fill(phone, 'Password', 'password1');
  await press(phone, 'Set password and sign in');
  await phone.getByText('It is one of the most common passwords.').first().waitFor();
  const password = 'another horse battery staple';
  await fill(phone, 'Password', password);
  await press(phone, 'Set password and sign in');
  await arriveAt(phone, 'Your account');
  const third = await site.visit();
  await givePassword(third, account);
  await isRefused(third, 'incorrect');
  await signIn(third, { ...account, password });
});

test('PR-11: two registrations of one browser: either link activates its own address', async () => {
  const page = await site.visit();
  const [ada, bob] = [newcomer(), newcomer()];
  await register(page, ada);
  await register(page, bob);
  await openLink(page, site.server, ada.email, SUBJECT);
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
  await page.getByText(ada.email).first().waitFor();
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
  await openLink(page, site.server, bob.email, SUBJECT);
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
  await page.getByText(bob.email).first().waitFor();
});

test('PR-11: a button pressed five times, in two tabs, asks for one registration', async () => {
  const page = await site.visit();
  const account = newcomer();
  const other = await page.context().newPage();
  for (const tab of [page, other]) {
    await tab.goto('/sign-up');
    await fill(tab, 'Email address', account.email);
    await fill(tab, 'Password', account.password);
  }
  await Promise.all(
    [page, page, other, other, page].map((tab) => press(tab, 'Create account').catch(String)),
  );
  for (const tab of [page, other]) await arriveAt(tab, 'Check your mail');
  const { code } = await site.server.mail(account.email, SUBJECT);
  await fill(other, 'Code', code ?? '');
  await arriveAt(other, 'Your account');
});

test('PR-11, rule 14: where the answer to a proof was lost, the page offers to sign in', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const { link } = await site.server.mail(account.email, SUBJECT);
  await page.goto(link ?? '');
  await arriveAt(page, SUBJECT);
  await page.route('**/graphql', async (route) => {
    const isProof = route.request().postData()?.includes('mutation VerifyEmail');
    if (!isProof) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await press(page, 'Confirm address');
  await isRefused(page, 'could not be reached');
  expect(site.problems().join()).toContain('ERR_CONNECTION_RESET');
  await page.unroute('**/graphql');
  await press(page, 'Confirm address');
  await arriveAt(page, 'This mail was already used');
  expect(await look(page, 'proof-used')).toEqual([]);
  // It had worked: the password of the sign-up is the account's.
  await signIn(await site.visit(), account);
});

test('a mail that did not come is sent again when it can be; the older link works as well', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const first = await site.server.mail(account.email, SUBJECT);
  await page.getByText('No mail?').click();
  const wait = page.getByText('You can request another mail in');
  for (let press = 0; press < 5 && !(await wait.isVisible()); press += 1) {
    const isResend = (one: Response) => !!one.request().postData()?.includes('ResendEmail');
    await Promise.all([
      page.waitForResponse(isResend),
      page.getByText('Send another mail').click(),
    ]);
    await wait.or(page.locator('details form[aria-busy=false]')).waitFor();
  }
  await wait.waitFor();
  expect(await look(page, 'resend')).toEqual([]);
  await page.goto(first.link ?? '');
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
});

test('a weak password and a wrong address are shown beside their fields', async () => {
  const page = await site.visit();
  await page.goto('/sign-up');
  await fill(page, 'Email address', 'no address');
  await fill(page, 'Password', 'password1');
  await press(page, 'Create account');
  const email = page.getByLabel('Email address', { exact: true });
  await page.getByRole('alert').waitFor();
  expect(await email.evaluate((input) => input === document.activeElement)).toBe(true);
  expect(await email.getAttribute('aria-invalid')).toBe('true');
  await email.fill(newcomer().email);
  await press(page, 'Create account');
  const password = page.getByLabel('Password', { exact: true });
  await page.getByText('It is one of the most common passwords.').first().waitFor();
  expect(await password.getAttribute('aria-invalid')).toBe('true');
  expect(await look(page, 'register-refused')).toEqual([]);
});
