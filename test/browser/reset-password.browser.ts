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

const SUBJECT = 'Reset your password';
const NEW_PASSWORD = 'another horse battery staple';

const site = useSite();

async function askForMail(page: Awaited<ReturnType<typeof site.visit>>, email: string) {
  await page.goto('/sign-in');
  await follow(page, 'Forgot your password?');
  await arriveAt(page, 'Forgot your password?');
  await fill(page, 'Email address', email);
  await press(page, 'Send mail');
  await arriveAt(page, 'Check your mail');
}

test('a forgotten password: mail, link, a new one; the old one and other browsers are out', async () => {
  const account = await signUpElsewhere(site.server);
  const elsewhere = await site.visit();
  await signIn(elsewhere, account);
  const page = await site.visit();
  await askForMail(page, account.email);
  expect(await look(page, 'forgot-password-sent')).toEqual([]);
  await page.goto('/forgot-password');
  await arriveAt(page, 'Forgot your password?');
  expect(await look(page, 'forgot-password')).toEqual([]);

  await openLink(page, site.server, account.email, SUBJECT);
  await arriveAt(page, 'Choose a new password');
  await page.waitForURL((url) => url.search === '');
  expect(await look(page, 'reset-password-link')).toEqual([]);
  await fill(page, 'New password', NEW_PASSWORD);
  await press(page, 'Set new password');
  await arriveAt(page, 'Sign in');
  await isTold(page, 'Your password was changed.');
  await fill(page, 'Email address', account.email);
  await fill(page, 'Password', account.password);
  await press(page, 'Sign in');
  await isRefused(page, 'incorrect');
  await signIn(page, { ...account, password: NEW_PASSWORD });
  await elsewhere.reload();
  await arriveAt(elsewhere, 'Sign in');
});

test('the same by the code of the mail; one that is used says so', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await askForMail(page, account.email);
  await follow(page, 'Enter the code instead');
  await arriveAt(page, 'Choose a new password');
  expect(await look(page, 'reset-password-code')).toEqual([]);
  const { code, link } = await site.server.mail(account.email, SUBJECT);
  await fill(page, 'Code', code ?? '');
  await fill(page, 'New password', NEW_PASSWORD);
  await press(page, 'Set new password');
  await arriveAt(page, 'Sign in');
  await page.goto(link ?? '');
  await fill(page, 'New password', NEW_PASSWORD);
  await press(page, 'Set new password');
  await isRefused(page, 'used');
});

test('RL-3: the code counts in the browser that asked, in any of its tabs, and in no other', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await askForMail(page, account.email);
  const { code } = await site.server.mail(account.email, SUBJECT);
  const stranger = await site.visit();
  const tab = await page.context().newPage();
  for (const one of [stranger, tab]) {
    await one.goto('/reset-password');
    await fill(one, 'Email address', account.email);
    await fill(one, 'Code', code ?? '');
    await fill(one, 'New password', NEW_PASSWORD);
    await press(one, 'Set new password');
    if (one === stranger) await isRefused(one, 'used');
    else await isTold(one, 'Your password was changed.');
  }
});
