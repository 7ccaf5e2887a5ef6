import { expect, test } from 'vitest';
import {
  arriveAt,
  fill,
  follow,
  givePassword,
  isRefused,
  isTold,
  press,
  signIn,
} from './support/acts.ts';
import { createAuthenticator, scan } from './support/authenticator.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite();

test('set up an app from its picture, then sign in with it, and with a backup code once', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await follow(page, 'Two-step verification');
  await arriveAt(page, 'Two-step verification');
  expect(await look(page, 'two-step-off')).toEqual([]);
  await press(page, 'Set up authenticator app');
  await arriveAt(page, 'Set up an authenticator app');
  const secret = await scan(page);
  const typed = await page.locator('.lk-secret code').textContent();
  expect(typed?.replaceAll(' ', '')).toBe(secret);
  expect(await look(page, 'two-step-app')).toEqual([]);
  await fill(page, 'Code', '000000');
  await isRefused(page, 'incorrect');
  const app = createAuthenticator(secret);
  await fill(page, 'Code', await app.code());

  await arriveAt(page, 'Your backup codes');
  const codes = await page.locator('ol code').allTextContents();
  expect(new Set(codes).size).toBe(10);
  expect(await look(page, 'backup-codes')).toEqual([]);
  await press(page, 'I have saved them');
  await arriveAt(page, 'Two-step verification');
  await page.getByText('10 left').waitFor();
  expect(await look(page, 'two-step-on')).toEqual([]);
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');

  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  expect(await look(page, 'second-step-app')).toEqual([]);
  await fill(page, 'Code', await app.code());
  await arriveAt(page, 'Your account');
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');

  for (const [code = '', works] of [
    [codes[0], true],
    [codes[0], false],
    [codes[1], true],
  ] as const) {
    await givePassword(page, account);
    await arriveAt(page, 'Confirm your sign-in');
    await page.getByLabel('Backup code', { exact: true }).check();
    await page.getByRole('textbox', { name: 'Backup code' }).fill(code);
    await press(page, 'Sign in');
    if (works) {
      await arriveAt(page, 'Your account');
      await press(page, 'Sign out');
      await isTold(page, 'You were signed out.');
    } else {
      await isRefused(page, 'incorrect');
      expect(await look(page, 'second-step-refused')).toEqual([]);
    }
  }
});
