import { expect, test } from 'vitest';
import { arriveAt, fill, openLink, press, register } from './support/acts.ts';
import { look } from './support/looks.ts';
import { newcomer } from './support/people.ts';
import { useSite } from './support/site.ts';

const SUBJECT = 'Confirm your email address';

const site = useSite();

test('register, open the link of the mail, press the button: signed in', async () => {
  const page = await site.visit();
  const account = newcomer();
  await page.goto('/register');
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
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
});

test('a mail that did not come is sent again, and only the newer one works', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  const first = await site.server.mail(account.email, SUBJECT);
  await page.getByText('No mail?').click();
  await press(page, 'Send another mail');
  const second = await site.server.mail(account.email, SUBJECT);
  await fill(page, 'Code', first.code ?? '');
  await press(page, 'Confirm address');
  await page.getByRole('alert').waitFor();
  await fill(page, 'Code', second.code ?? '');
  await press(page, 'Confirm address');
  await arriveAt(page, 'Your account');
});

test('a weak password and a wrong address are told beside their fields', async () => {
  const page = await site.visit();
  await page.goto('/register');
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
  await page.getByText('It is among the passwords people use most.').first().waitFor();
  expect(await password.getAttribute('aria-invalid')).toBe('true');
  expect(await look(page, 'register-refused')).toEqual([]);
});
