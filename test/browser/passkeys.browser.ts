import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  arriveAt,
  fill,
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
import {
  connectAuthenticator,
  type VirtualAuthenticator,
} from './support/virtual-authenticator.ts';

const site = useSite();

/** Adds a passkey on its page. */
async function addPasskey(page: Page, name: string): Promise<void> {
  await page.goto('/account/passkeys');
  await press(page, 'Add a passkey');
  await fill(page, 'Name (optional)', name);
  await press(page, 'Create passkey');
  await isTold(page, `The passkey “${name}” was added.`);
}

/** Signs out, and sees to it that the device does not answer to autofill at once. */
async function signOut(page: Page, device: VirtualAuthenticator): Promise<void> {
  await device.setPresent(false);
  await press(page, 'Sign out');
  await isTold(page, 'You were signed out.');
}

/** Waits for the account page of this person. */
async function isSignedIn(page: Page, email: string): Promise<void> {
  await arriveAt(page, 'Your account');
  await page.getByText(email).first().waitFor();
}

test('add a passkey, rename it, sign in with it by the button, and by autofill', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  const device = await connectAuthenticator(page);
  await signIn(page, account);
  await follow(page, 'Manage passkeys');
  await arriveAt(page, 'Passkeys');
  await press(page, 'Add a passkey');
  await page.getByLabel('Name (optional)', { exact: true }).waitFor();
  expect(await look(page, 'passkeys-add')).toEqual([]);
  await fill(page, 'Name (optional)', 'Work laptop');
  await press(page, 'Create passkey');
  await isTold(page, 'The passkey “Work laptop” was added.');
  await press(page, 'Rename Work laptop');
  await fill(page, 'Name of the passkey', 'Home laptop');
  expect(await look(page, 'passkeys')).toEqual([]);
  await press(page, 'Save');
  await page.locator('strong', { hasText: 'Home laptop' }).waitFor();

  await press(page, 'Add a passkey');
  await press(page, 'Create passkey');
  await isRefused(page, 'This device already has a passkey for your account.');
  expect(await device.passkeys()).toHaveLength(1);

  await signOut(page, device);
  await device.setPresent(true);
  await press(page, 'Sign in with a passkey');
  await isSignedIn(page, account.email);

  await signOut(page, device);
  await device.setPresent(true);
  // Chromium chooses the passkey in the suggestions by itself, so the test looks at how it was asked.
  const asked: unknown[] = [];
  await page.exposeFunction('noteMediation', (mediation: unknown) => void asked.push(mediation));
  await page.addInitScript(() => {
    const { credentials } = navigator;
    const get = credentials.get.bind(credentials);
    credentials.get = (options) => {
      const { noteMediation } = globalThis as unknown as { noteMediation(it: unknown): void };
      noteMediation(options?.mediation);
      return get(options);
    };
  });
  await page.reload();
  await isSignedIn(page, account.email);
  expect(new Set(asked)).toEqual(new Set(['conditional']));
});

test('PK-2c: a device that did not verify the person signs nobody in', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  const device = await connectAuthenticator(page);
  await signIn(page, account);
  await addPasskey(page, 'Security key');
  await signOut(page, device);
  await device.setUserVerified(false);
  await device.setPresent(true);
  // The browser refuses by itself, which is the same as a person who cancels: nothing happens.
  await press(page, 'Sign in with a passkey');
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await page.waitForFunction(
    (element) => !element?.hasAttribute('data-busy'),
    await button.elementHandle(),
  );
  expect(await page.getByRole('alert').count()).toBe(0);

  // A page that lies to the browser about what the server wants.
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('startPasskeySignIn')) return route.continue();
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(
      '"userVerification":"required"',
      '"userVerification":"discouraged"',
    );
    await route.fulfill({ response, body });
  });
  await device.setPresent(false);
  await page.reload();
  await arriveAt(page, 'Sign in');
  await button.waitFor();
  await device.setPresent(true);
  await press(page, 'Sign in with a passkey');
  await isRefused(page, 'This passkey was not accepted.');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('PK-5c: a passkey is the second step if the person wants it, proves it again later, and ends with its removal', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  const device = await connectAuthenticator(page);
  await signIn(page, account);
  await page.goto('/account/passkeys');
  await press(page, 'Add a passkey');
  await fill(page, 'Name (optional)', 'Work laptop');
  await page.getByLabel('Also use passkeys as the second step').check();
  await press(page, 'Create passkey');
  await arriveAt(page, 'Your backup codes');
  await press(page, 'I have saved them');
  await page.getByRole('button', { name: 'Turn off passkey step' }).waitFor();
  await signOut(page, device);

  await givePassword(page, account);
  await arriveAt(page, 'Confirm your sign-in');
  expect(await look(page, 'second-step-passkey')).toEqual([]);
  await device.setPresent(true);
  await press(page, 'Use a passkey');
  await isSignedIn(page, account.email);

  await makeProofsOld(site.server);
  await page.goto('/account/two-step');
  await press(page, 'Create new backup codes');
  const dialog = page.getByRole('dialog', { name: 'Confirm your identity' });
  await dialog.waitFor();
  expect(await look(page, 'step-up-passkey')).toEqual([]);
  await dialog.getByRole('button', { name: 'Use a passkey' }).click();
  await arriveAt(page, 'Your backup codes');

  await page.goto('/account/passkeys');
  await press(page, 'Remove Work laptop');
  expect(await look(page, 'passkeys-remove')).toEqual([]);
  const [id = ''] = await device.passkeys();
  const copy = await device.copy(id);
  await press(page, 'Remove passkey');
  await isTold(page, 'The passkey “Work laptop” was removed.');
  // The device forgets it as well, by the signals (PK-9). One that does not gets nobody in.
  await until(async () => (await device.passkeys()).length === 0);
  await device.give(copy);
  await signOut(page, device);
  await device.setPresent(true);
  await press(page, 'Sign in with a passkey');
  await isRefused(page, 'This passkey was not accepted.');
  await device.setPresent(false);
  await signIn(page, account);
});

test('two accounts on one device: the passkey decides who signs in', async () => {
  const page = await site.visit();
  const device = await connectAuthenticator(page);
  const [ada, grace] = [await signUpElsewhere(site.server), await signUpElsewhere(site.server)];
  const ids: string[] = [];
  for (const account of [ada, grace]) {
    await device.setPresent(false);
    await signIn(page, account);
    await device.setPresent(true);
    await addPasskey(page, `Passkey of ${account.email}`);
    ids.push((await device.passkeys()).find((id) => !ids.includes(id)) ?? '');
    await signOut(page, device);
  }
  const [first = '', second = ''] = ids;
  for (const [other, account] of [
    [second, ada],
    [first, grace],
  ] as const) {
    const kept = await device.take(other);
    await device.setPresent(true);
    await press(page, 'Sign in with a passkey');
    await isSignedIn(page, account.email);
    await signOut(page, device);
    await device.give(kept);
  }
});
