import { expect, test } from 'vitest';
import { arriveAt, isTold } from './support/acts.ts';
import { createAuthenticator, scan } from './support/authenticator.ts';
import { enterLink, enterOn, tabTo, typeInto } from './support/keyboard.ts';
import { newcomer } from './support/people.ts';
import { useSite } from './support/site.ts';

/** WCAG 2.1.1: everything by the keyboard alone. The mouse is not touched in this file. */

const site = useSite();

test('register, verify, set up an app, sign out and in again, with its code: by keyboard alone', async () => {
  const { email, password } = newcomer();
  const page = await site.visit();
  await page.goto('/sign-in');
  await arriveAt(page, 'Sign in');
  await enterLink(page, 'Create an account');
  await arriveAt(page, 'Create an account');
  await typeInto(page, 'Email address', email);
  await typeInto(page, 'Password', password);
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Check your mail');
  const { code } = await site.server.mail(email, 'Confirm your email address');
  await typeInto(page, 'Code', code ?? '');
  await arriveAt(page, 'Your account');

  await enterLink(page, 'Two-step verification');
  await arriveAt(page, 'Two-step verification');
  await enterOn(page, 'Set up authenticator app');
  const app = createAuthenticator(await scan(page));
  await typeInto(page, 'Code', await app.code());
  await arriveAt(page, 'Your backup codes');
  await enterOn(page, 'I have saved them');
  await page.getByText('10 left').waitFor();
  await enterOn(page, 'Sign out');
  await isTold(page, 'You were signed out.');

  await arriveAt(page, 'Sign in');
  await typeInto(page, 'Email address', email);
  await typeInto(page, 'Password', password);
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Confirm your sign-in');
  await typeInto(page, 'Code', await app.code());
  await arriveAt(page, 'Your account');
});

test('the first Tab leads past the navigation; a new page takes the focus to its heading', async () => {
  const page = await site.visit();
  await page.goto('/sign-in');
  await arriveAt(page, 'Sign in');
  await page.keyboard.press('Tab');
  await tabTo(page, page.getByRole('link', { name: 'Skip to content' }));
  await page.keyboard.press('Enter');
  const isFocused = (element: Element) => element === document.activeElement;
  expect(await page.getByRole('main').evaluate(isFocused)).toBe(true);
  await enterLink(page, 'Create an account');
  const heading = page.getByRole('heading', { level: 1, name: 'Create an account' });
  await heading.waitFor();
  expect(await heading.evaluate(isFocused)).toBe(true);
});
