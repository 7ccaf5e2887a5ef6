import { expect, test } from 'vitest';
import {
  arriveAt,
  follow,
  givePassword,
  isRefused,
  isTold,
  press,
  signIn,
} from './support/acts.ts';
import { makeProofsOld } from './support/age.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite();

test('delete the account: asked twice, confirmed by password, then nobody can sign in', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await makeProofsOld(site.server);
  await follow(page, 'Delete account');
  await arriveAt(page, 'Delete your account');
  expect(await look(page, 'delete-account')).toEqual([]);
  await press(page, 'Delete my account');
  await isRefused(page, 'Please check the marked fields.');
  await page.getByLabel('I understand that this cannot be undone').check();
  await press(page, 'Delete my account');
  const dialog = page.getByRole('dialog', { name: 'Confirm your identity' });
  await dialog.getByLabel('Password', { exact: true }).fill(account.password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await arriveAt(page, 'Sign in');
  await isTold(page, 'Your account was deleted.');
  await site.server.mail(account.email, 'Your account was deleted');
  await givePassword(page, account);
  await isRefused(page, 'incorrect');
});
