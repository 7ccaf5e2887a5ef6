import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { arriveAt, fill, isTold, press, signIn } from './support/acts.ts';
import { makeProofsOld } from './support/age.ts';
import { createAuthenticator, scan } from './support/authenticator.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite();

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Confirm your identity' });

test('SE-6: an hour later a sensitive act asks for the password; cancelled, nothing happens', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await makeProofsOld(site.server);
  await page.goto('/account/two-step');
  const begin = page.getByRole('button', { name: 'Set up authenticator app' });
  await begin.click();
  const dialog = dialogOf(page);
  await dialog.waitFor();
  expect(await look(page, 'step-up-password')).toEqual([]);
  // Escape is Cancel, and the focus is where it was (WCAG 2.4.3).
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('alert').filter({ hasText: 'Nothing was changed' }).waitFor();
  expect(await begin.evaluate((button) => button === document.activeElement)).toBe(true);

  await begin.click();
  const password = dialog.getByLabel('Password', { exact: true });
  await password.fill('not the password');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'password is incorrect' }).waitFor();
  await password.fill(account.password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  // What was asked for goes on by itself.
  await arriveAt(page, 'Set up an authenticator app');
});

test('SE-6: with an authenticator app the dialog takes its code, or one that is mailed', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await page.goto('/account/two-step');
  await press(page, 'Set up authenticator app');
  const app = createAuthenticator(await scan(page));
  await fill(page, 'Code', await app.code());
  await press(page, 'I have saved them');

  await makeProofsOld(site.server);
  await press(page, 'Create new backup codes');
  const dialog = dialogOf(page);
  await dialog.waitFor();
  expect(await look(page, 'step-up-code')).toEqual([]);
  await dialog.getByLabel('Authenticator app', { exact: true }).check();
  await dialog.getByLabel('Code', { exact: true }).fill(await app.code());
  await arriveAt(page, 'Your backup codes');
  await press(page, 'I have saved them');
  await press(page, 'Turn off authenticator app');
  await isTold(page, 'The authenticator app was turned off.');
});
