import type { Page } from 'playwright-core';
import type { Account } from './people.ts';
import type { RealServer } from './real-server.ts';

/** What people do on the pages, found as they find it: by what is written there. */

/** Waits for the page of this name. */
export function arriveAt(page: Page, heading: string): Promise<void> {
  return page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
}

/** Types into the field of this label. */
export function fill(page: Page, label: string, text: string): Promise<void> {
  return page.getByLabel(label, { exact: true }).fill(text);
}

/** Presses the button of this name. */
export function press(page: Page, button: string): Promise<void> {
  return page.getByRole('button', { name: button, exact: true }).click();
}

/** Asks for an account, up to the mail. */
export async function register(page: Page, { email, password }: Account): Promise<void> {
  await page.goto('/sign-up');
  await fill(page, 'Email address', email);
  await fill(page, 'Password', password);
  await press(page, 'Create account');
  await arriveAt(page, 'Check your mail');
}

/** Gives address and password, and goes as far as that leads. */
export async function givePassword(page: Page, { email, password }: Account): Promise<void> {
  await page.goto('/sign-in');
  await fill(page, 'Email address', email);
  await fill(page, 'Password', password);
  await press(page, 'Sign in');
}

/** Signs in with the password alone. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await givePassword(page, account);
  await arriveAt(page, 'Your account');
}

/** Opens the link of a mail, as a click in a mail program does. */
export async function openLink(
  page: Page,
  server: RealServer,
  to: string,
  subject: string,
): Promise<void> {
  const { link } = await server.mail(to, subject);
  if (link === null) throw new Error(`The mail "${subject}" has no link.`);
  await page.goto(link);
}

/** Waits for the line that says what just happened. */
export function isTold(page: Page, words: string | RegExp): Promise<void> {
  return page.getByRole('status').filter({ hasText: words }).waitFor();
}

/** Waits for what a form says is wrong. */
export function isRefused(page: Page, words: string | RegExp): Promise<void> {
  return page.getByRole('alert').filter({ hasText: words }).waitFor();
}

/** Follows the link of this name. */
export function follow(page: Page, link: string): Promise<void> {
  return page.getByRole('link', { name: link, exact: true }).click();
}
