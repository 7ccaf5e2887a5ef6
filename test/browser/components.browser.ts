import { expect, test } from 'vitest';
import { arriveAt, fill, isRefused, isTold, press, register, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { newcomer, signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

/** What @latchkey/react does on every page, whichever journey it belongs to. */

const site = useSite();

test('a code is sent as soon as it is complete, also pasted with spaces; a wrong one is sent once', async () => {
  const page = await site.visit();
  const account = newcomer();
  await register(page, account);
  let attempts = 0;
  page.on('request', (request) => {
    if (request.postData()?.includes('mutation VerifyEmail')) attempts += 1;
  });
  const field = page.getByLabel('Code', { exact: true });
  await field.fill('0000 000');
  await field.fill('0000 0000');
  await isRefused(page, 'This link or code was used, has expired');
  // The same digits again: the person has to press the button.
  await field.fill('00000000');
  await field.fill('0000-0000');
  expect(attempts).toBe(1);
  const { code } = await site.server.mail(account.email, 'Confirm your email address');
  await field.fill((code ?? '').replace(/^(.{4})/, ' $1 '));
  await arriveAt(page, 'Your account');
  expect(attempts).toBe(2);
});

test('nothing moves when a sign-in is refused', async () => {
  const page = await site.visit();
  await page.goto('/sign-in');
  const places = () =>
    page
      .locator('label, input, button')
      .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().y));
  await fill(page, 'Email address', 'nobody@example.com');
  await fill(page, 'Password', 'not the password');
  const before = await places();
  await press(page, 'Sign in');
  await isRefused(page, 'incorrect');
  expect(await places()).toEqual(before);
  await fill(page, 'Email address', 'no address');
  await fill(page, 'Password', '');
  await press(page, 'Sign in');
  await page.getByText('This is not an email address.').waitFor();
  expect(await places()).toEqual(before);
  expect(await look(page, 'sign-in-fields-refused')).toEqual([]);
});

test.each([
  ['/account/devices', 'Your devices'],
  ['https://evil.example', 'Your account'],
  ['//evil.example', 'Your account'],
  ['/\\evil.example', 'Your account'],
])('return_to=%s leads to “%s”', async (wanted, heading) => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await page.goto(`/sign-in?return_to=${encodeURIComponent(wanted)}`);
  await fill(page, 'Email address', account.email);
  await fill(page, 'Password', account.password);
  await press(page, 'Sign in');
  await arriveAt(page, heading);
  expect(page.url()).toContain(site.url);
});

test('the menu of the signed-in person opens, closes by Escape and by a click beside it, and signs out', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await page.goto('/');
  await arriveAt(page, 'Hello');
  const button = page.getByRole('button', { name: `Account menu of ${account.email}` });
  const signOut = page.getByRole('button', { name: 'Sign out', exact: true });
  await button.click();
  expect(await look(page, 'user-menu')).toEqual([]);
  await page.keyboard.press('Escape');
  await signOut.waitFor({ state: 'detached' });
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  await button.click();
  await page.mouse.click(100, 400);
  await signOut.waitFor({ state: 'detached' });
  await button.click();
  await page.getByRole('link', { name: 'Manage account' }).click();
  await arriveAt(page, 'Your account');
  await page.goto('/');
  await button.click();
  await signOut.click();
  await isTold(page, 'You were signed out.');
  await arriveAt(page, 'Sign in');
});

test('a signed-in person never sees a page for guests', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  for (const path of ['/sign-in', '/sign-up', '/sign-in?step=second']) {
    await page.goto(path);
    await arriveAt(page, 'Your account');
  }
});
