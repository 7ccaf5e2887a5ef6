import { expect, test } from 'vitest';
import { arriveAt, isTold, press, signIn } from './support/acts.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

/** The app as `npm run dev` builds it, with its tokens in localStorage. */
const site = useSite({ mode: 'localStorage' });

test('sign in, reload, a second tab, sign out in it: both are signed out', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await page.reload();
  await arriveAt(page, 'Your account');
  const other = await page.context().newPage();
  await other.goto('/account/devices');
  await arriveAt(other, 'Your devices');
  await press(other, 'Sign out');
  await isTold(other, 'You were signed out.');
  await arriveAt(page, 'Sign in');
  expect(await page.evaluate(() => localStorage.getItem('latchkey'))).toBeNull();
});
