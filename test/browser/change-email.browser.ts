import { expect, test } from 'vitest';
import {
  arriveAt,
  fill,
  follow,
  isRefused,
  isTold,
  openLink,
  press,
  signIn,
} from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const CONFIRM = 'Confirm your new email address';

const site = useSite();

test('change the address by the code of its mail, and sign in with it', async () => {
  const account = await signUpElsewhere(site.server);
  const email = `new-${account.email}`;
  const page = await site.visit();
  await signIn(page, account);
  await follow(page, 'Change email address');
  await arriveAt(page, 'Change your email address');
  expect(await look(page, 'change-email')).toEqual([]);
  await fill(page, 'New email address', email);
  await press(page, 'Send mail');
  await arriveAt(page, 'Confirm your new address');
  expect(await look(page, 'change-email-sent')).toEqual([]);
  await fill(page, 'Code', '00000000');
  await isRefused(page, 'incorrect');
  const { code } = await site.server.mail(email, CONFIRM);
  await fill(page, 'Code', code ?? '');
  await arriveAt(page, 'Your account');
  await isTold(page, email);
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
  await signIn(page, { ...account, email });
});

test('by the link of its mail; the old address takes it back, and everybody is out', async () => {
  const account = await signUpElsewhere(site.server);
  const email = `new-${account.email}`;
  const page = await site.visit();
  await signIn(page, account);
  await page.goto('/account/email');
  await fill(page, 'New email address', email);
  await press(page, 'Send mail');
  await arriveAt(page, 'Confirm your new address');
  await openLink(page, site.server, email, CONFIRM);
  await arriveAt(page, 'Confirm your new address');
  expect(await look(page, 'confirm-email-change')).toEqual([]);
  await press(page, 'Use this address');
  await arriveAt(page, 'Your account');

  const owner = await site.visit();
  await openLink(owner, site.server, account.email, 'Your email address was changed');
  await arriveAt(owner, 'Keep your old address');
  expect(await look(owner, 'undo-email-change')).toEqual([]);
  await press(owner, 'Keep my address');
  await arriveAt(owner, 'Your address was restored');
  expect(await look(owner, 'undo-email-change-done')).toEqual([]);
  await page.reload();
  await arriveAt(page, 'Sign in');
});
