import { expect, test } from 'vitest';
import { arriveAt, fill, isRefused, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite();

test('sign in, reload, sign out: the cookie brings the person back until then', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await page.goto('/sign-in');
  await arriveAt(page, 'Sign in');
  expect(await look(page, 'sign-in')).toEqual([]);
  await signIn(page, account);
  await page.getByText(account.email).first().waitFor();
  expect(await look(page, 'account')).toEqual([]);
  await page.reload();
  await arriveAt(page, 'Your account');
  // No script of the page can read what keeps the person signed in (HT-3).
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('lkr_');
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
  await page.reload();
  await arriveAt(page, 'Sign in');
  await page.goto('/account');
  await arriveAt(page, 'Sign in');
});

test('the message for a wrong password does not reveal whether the address is known', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  const answers: (string | null)[] = [];
  for (const email of [account.email, 'nobody@example.com']) {
    await page.goto('/sign-in');
    await fill(page, 'Email address', email);
    await fill(page, 'Password', 'not the password');
    await press(page, 'Sign in');
    await isRefused(page, 'incorrect');
    answers.push(await page.getByRole('alert').textContent());
  }
  expect(answers[0]).toBe(answers[1]);
  expect(await look(page, 'sign-in-refused')).toEqual([]);
});

test('whoever has to sign in first comes to the page they wanted', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await page.goto('/account/devices');
  await arriveAt(page, 'Sign in');
  await fill(page, 'Email address', account.email);
  await fill(page, 'Password', account.password);
  await press(page, 'Sign in');
  await arriveAt(page, 'Your devices');
});

test('an address that leads nowhere says so', async () => {
  const page = await site.visit();
  await page.goto('/no-such-page');
  await arriveAt(page, 'Page not found');
  expect(await look(page, 'not-found')).toEqual([]);
});
