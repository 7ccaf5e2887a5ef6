import { expect, test } from 'vitest';
import { arriveAt, fill, follow, isTold, openLink, press, signIn } from './support/acts.ts';
import { createAuthenticator, scan } from './support/authenticator.ts';
import { look } from './support/looks.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const ADDED = 'Two-step verification method added';

const site = useSite();

test('PR-12: the link of the mail shows what will go, undoes it at a click, and works once', async () => {
  const account = await signUpElsewhere(site.server);
  const thief = await site.visit();
  await signIn(thief, account);
  await follow(thief, 'Two-step verification');
  await press(thief, 'Set up authenticator app');
  const app = createAuthenticator(await scan(thief));
  await fill(thief, 'Code', await app.code());
  await arriveAt(thief, 'Your backup codes');

  const owner = await site.visit();
  const { link } = await site.server.mail(account.email, ADDED);
  await owner.goto(link ?? '');
  await arriveAt(owner, 'Undo a change to your account');
  await owner.waitForURL((url) => url.search === '');
  await owner.getByRole('heading', { name: 'What will be undone' }).waitFor();
  await owner.getByText('Two-step verification method turned on').waitFor();
  await owner.getByText('Authenticator app').waitFor();
  expect(await look(owner, 'undo-security-change')).toEqual([]);
  await press(owner, 'Undo these changes');
  await arriveAt(owner, 'The change was undone');
  await owner.getByRole('heading', { name: 'Undone', exact: true }).waitFor();
  expect(await look(owner, 'undo-security-change-done')).toEqual([]);

  await thief.goto('/account');
  await arriveAt(thief, 'Sign in');
  await owner.goto(link ?? '');
  await owner.getByText('This link was used').waitFor();
  expect(await look(owner, 'undo-security-change-used')).toEqual([]);

  await follow(owner, 'Choose a new password');
  await fill(owner, 'Email address', account.email);
  await press(owner, 'Send mail');
  await arriveAt(owner, 'Check your mail');
  await openLink(owner, site.server, account.email, 'Reset your password');
  await fill(owner, 'New password', 'another horse battery staple');
  await press(owner, 'Set new password');
  await isTold(owner, 'Your password was changed.');
  // The thief's app is asked for no more.
  await signIn(owner, { ...account, password: 'another horse battery staple' });
});

test('PR-12: opening the link alone, or again and again, changes nothing', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await signIn(page, account);
  await page.goto('/account/two-step');
  await press(page, 'Set up authenticator app');
  const app = createAuthenticator(await scan(page));
  await fill(page, 'Code', await app.code());
  await arriveAt(page, 'Your backup codes');
  const { link } = await site.server.mail(account.email, ADDED);
  const scanner = await site.visit();
  for (let visit = 0; visit < 3; visit += 1) {
    await scanner.goto(link ?? '');
    await scanner.getByRole('button', { name: 'Undo these changes' }).waitFor();
  }
  await page.goto('/account/two-step');
  await page.getByText('10 left').waitFor();
});
