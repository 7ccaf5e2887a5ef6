import { expect, test } from 'vitest';
import { arriveAt, fill, givePassword, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const SUBJECT = 'Your code';

const site = useSite();

test('turn on codes by email, and sign in with one', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await page.goto('/account/two-step');
  await press(page, 'Turn on email codes');
  await arriveAt(page, 'Turn on email codes');
  expect(await look(page, 'two-step-email')).toEqual([]);
  const first = await site.server.mail(account.email, SUBJECT);
  await fill(page, 'Code', first.code ?? '');
  await arriveAt(page, 'Your backup codes');
  await press(page, 'I have saved them');
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');

  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  // Nothing is mailed before it is asked for.
  await page.getByLabel('Email code', { exact: true }).check();
  await press(page, 'Send me a code');
  await isTold(page, 'A code is on its way');
  expect(await look(page, 'second-step-email')).toEqual([]);
  const second = await site.server.mail(account.email, SUBJECT);
  await fill(page, 'Code', second.code ?? '');
  await arriveAt(page, 'Your account');
});
