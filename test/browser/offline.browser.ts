import { expect, test } from 'vitest';
import { arriveAt, fill, follow, isRefused, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite();

test('without a network the app says so and keeps what was typed; with it again, it goes on', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await page.context().setOffline(true);
  await fill(page, 'Name', 'Ada Lovelace');
  await press(page, 'Save profile');
  await isRefused(page, 'The server could not be reached.');
  expect(await look(page, 'account-offline')).toEqual([]);
  await follow(page, 'Devices');
  await arriveAt(page, 'Your devices');
  await isRefused(page, 'This could not be loaded.');
  // The browser itself says that the network was away, and it alone.
  const noted = site.problems();
  expect(noted.filter((line) => !line.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  expect(noted.length).toBeGreaterThan(0);

  await page.context().setOffline(false);
  await page.getByText('This device').waitFor();
  await follow(page, 'Account');
  await fill(page, 'Name', 'Ada Lovelace');
  await press(page, 'Save profile');
  await isTold(page, 'Your profile was saved.');
});
