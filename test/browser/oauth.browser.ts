import { afterAll, expect, test } from 'vitest';
import { type HonestProvider, startHonestProvider } from '../support/honest-provider.ts';
import { REGISTER, VERIFY_EMAIL } from '../support/journeys.ts';
import { arriveAt, isTold, press, signIn } from './support/acts.ts';
import { look } from './support/looks.ts';
import { newcomer } from './support/people.ts';
import { agree } from './support/provider-pages.ts';
import { useSite } from './support/site.ts';

/** A certified OpenID provider on an origin of its own, with the pages it brings. */
let provider: HonestProvider;
const site = useSite({
  env: async (url) => {
    provider = await startHonestProvider([`${url}/oauth/callback/honest`]);
    return { OIDC_PROVIDERS: JSON.stringify([provider.setting()]) };
  },
});
afterAll(() => provider.close());

test('a newcomer signs in by a provider, signs out, and in again', async () => {
  const page = await site.visit();
  await page.goto('/sign-in');
  expect(await look(page, 'sign-in-providers')).toEqual([]);
  await press(page, 'Continue with Honest');
  await agree(page, 'ada');
  await arriveAt(page, 'Your account');
  await page.getByText('ada@example.com').first().waitFor();
  expect(await look(page, 'account-connected')).toEqual([]);
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
  // The provider knows the person by now and sends them straight back.
  await press(page, 'Continue with Honest');
  await arriveAt(page, 'Your account');
});

test('an account with a password is not taken over by a provider, but connected by its owner', async () => {
  const account = { ...newcomer(), email: 'grace@example.com' };
  const { data } = await site.server.post(REGISTER, { input: account });
  const { registrationToken } = data.register;
  const { code } = await site.server.mail(account.email, 'Confirm your email address');
  const input = { proof: { code: { email: account.email, code } }, registrationToken };
  await site.server.post(VERIFY_EMAIL, { input });

  const stranger = await site.visit();
  await stranger.goto('/sign-up');
  await press(stranger, 'Continue with Honest');
  await agree(stranger, 'grace');
  await arriveAt(stranger, 'Something went wrong');
  await stranger.getByRole('alert').filter({ hasText: 'Sign in as before' }).waitFor();
  expect(await look(stranger, 'oauth-refused')).toEqual([]);

  const owner = await site.visit();
  await signIn(owner, account);
  await press(owner, 'Connect Honest');
  await agree(owner, 'grace');
  await arriveAt(owner, 'Your account');
  await isTold(owner, 'Honest is connected');
  await press(owner, 'Disconnect Honest');
  await isTold(owner, 'Honest was disconnected.');
});

test('a callback that this browser has not begun signs nobody in', async () => {
  const page = await site.visit();
  await page.goto(`${site.url}/oauth/callback/honest?code=stolen&state=stolen`);
  await arriveAt(page, 'Something went wrong');
  await page.getByRole('alert').filter({ hasText: 'did not start a sign-in' }).waitFor();
});

test('a person who cancels at the provider sees no alert and can sign in every other way', async () => {
  const page = await site.visit();
  await page.goto('/sign-in');
  await press(page, 'Continue with Honest');
  await page.getByRole('link', { name: /cancel/i }).click();
  await arriveAt(page, 'Sign in another way');
  await page.getByText('You canceled signing in with Honest.').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await look(page, 'oauth-cancelled')).toEqual([]);
  await page.getByRole('link', { name: 'Sign in with your password' }).waitFor();
  await page.getByRole('button', { name: 'Continue with Honest' }).click();
  await page.getByRole('link', { name: /cancel/i }).waitFor();
});
