import { expect, test } from 'vitest';
import { arriveAt, fill, follow, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite();

test('what a person did is listed, newest first', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await fill(page, 'Name', 'Ada Lovelace');
  await press(page, 'Save profile');
  await isTold(page, 'Your profile was saved.');
  await follow(page, 'Activity');
  await arriveAt(page, 'Security activity');
  const list = page.getByRole('main').getByRole('listitem');
  await list.filter({ hasText: 'Email address confirmed' }).waitFor();
  const events = await list.locator('strong').allTextContents();
  expect(events.slice(0, 2)).toEqual(['Profile updated', 'Signed in']);
  expect(events.slice(-2)).toEqual(['Email address confirmed', 'Account created']);
  expect(await look(page, 'activity')).toEqual([]);
});
