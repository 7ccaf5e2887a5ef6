import { expect, test } from 'vitest';
import { arriveAt, follow, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

const site = useSite();

test('a session revoked elsewhere closes both of its tabs, also the one nobody touches', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  const away = await site.visit({ userAgent: FIREFOX });
  await signIn(away, account);
  const idle = await away.context().newPage();
  await idle.goto('/account');
  await arriveAt(idle, 'Your account');

  await follow(page, 'Devices');
  await arriveAt(page, 'Your devices');
  await page.getByText('This device').waitFor();
  expect(await look(page, 'sessions')).toEqual([]);
  await press(page, 'Sign out Firefox on Windows');
  await isTold(page, 'Firefox on Windows was signed out.');
  const its = page.getByRole('main').getByRole('button', { name: 'Sign out Firefox on Windows' });
  await its.waitFor({ state: 'detached' });

  await follow(away, 'Activity');
  await arriveAt(away, 'Sign in');
  await arriveAt(idle, 'Sign in');
  await idle.getByText('Your session has ended.').waitFor();
  expect(await look(idle, 'sign-in-ended')).toEqual([]);
});

test('sign out everywhere else leaves this session alone', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  const others = [await site.visit(), await site.visit()];
  for (const other of others) await signIn(other, account);
  await signIn(page, account);
  await page.goto('/account/devices');
  // One more is that of the registration.
  await page.getByRole('main').getByRole('listitem').nth(3).waitFor();
  await press(page, 'Sign out everywhere else');
  await isTold(page, '3 other devices were signed out.');
  for (const other of others) {
    await other.reload();
    await arriveAt(other, 'Sign in');
  }
  await page.reload();
  await arriveAt(page, 'Your devices');
});

test('a sign-out is one in every tab', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  const tab = await page.context().newPage();
  await tab.goto('/account/devices');
  await arriveAt(tab, 'Your devices');
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
  await arriveAt(tab, 'Sign in');
});
