import { expect, test } from 'vitest';
import { arriveAt, fill, follow, isRefused, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const NEW_PASSWORD = 'another horse battery staple';

const site = useSite();

test('change the password: the old one has to be right, other browsers are out', async () => {
  const account = await signUpElsewhere(site.server);
  const [page, elsewhere] = [await site.visit(), await site.visit()];
  await signIn(elsewhere, account);
  await signIn(page, account);
  await follow(page, 'Change password');
  await arriveAt(page, 'Change your password');
  expect(await look(page, 'change-password')).toEqual([]);
  await fill(page, 'Current password', 'not the password');
  await fill(page, 'New password', NEW_PASSWORD);
  await press(page, 'Change password');
  await isRefused(page, 'This password is incorrect.');
  await fill(page, 'Current password', account.password);
  await press(page, 'Change password');
  await arriveAt(page, 'Your account');
  await isTold(page, 'Your password was changed.');
  await elsewhere.reload();
  await arriveAt(elsewhere, 'Sign in');
  await signIn(elsewhere, { ...account, password: NEW_PASSWORD });
});
