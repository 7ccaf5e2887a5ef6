import { request } from 'node:http';
import { expect, test } from 'vitest';
import { MFA } from '../support/second-factor.ts';
import { arriveAt, fill, follow, isRefused, openLink, press } from './support/acts.ts';
import { createAuthenticator } from './support/authenticator.ts';
import { look } from './support/looks.ts';
import { newcomer, signInElsewhere, signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const SUBJECT = 'Sign in to Latchkey';

const site = useSite({ env: async () => ({ EMAIL_SIGN_IN: 'register' }) });

type Page = Awaited<ReturnType<typeof site.visit>>;

/** From the sign-in page to the step that waits for the code. */
async function askForMail(page: Page, email: string) {
  await page.goto('/sign-in');
  await follow(page, 'Email me a code instead');
  await arriveAt(page, 'Sign in by mail');
  await fill(page, 'Email address', email);
  await press(page, 'Send mail');
  await arriveAt(page, 'Check your mail');
}

test('EL-1: the code signs in in the browser that asked, after a reload too, and in no other', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Email me a code instead' }).waitFor();
  expect(await look(page, 'sign-in-with-mail')).toEqual([]);
  await follow(page, 'Email me a code instead');
  await arriveAt(page, 'Sign in by mail');
  expect(await look(page, 'email-sign-in')).toEqual([]);
  await askForMail(page, account.email);
  expect(await look(page, 'email-sign-in-code')).toEqual([]);
  const { code } = await site.server.mail(account.email, SUBJECT);

  // Another browser that asked for the same address has a secret of its own.
  const stranger = await site.visit();
  await askForMail(stranger, account.email);
  await fill(stranger, 'Code', code ?? '');
  await isRefused(stranger, 'used');

  await page.reload();
  await arriveAt(page, 'Check your mail');
  // The last digit sends the form.
  await fill(page, 'Code', code ?? '');
  await arriveAt(page, 'Your account');
  await page.getByText(account.email).first().waitFor();
});

test('EL-1, EL-9: the link signs in in another browser, by a click on a page that says who asked', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await askForMail(page, account.email);
  const { code, link } = await site.server.mail(account.email, SUBJECT);
  const phone = await site.visit();
  await phone.goto(link ?? '');
  await arriveAt(phone, 'Sign in with this link?');
  await phone.waitForURL((url) => url.search === '');
  const facts = phone.locator('dl');
  await facts.getByText(account.email).waitFor();
  await facts.getByText('Chrome on Linux').waitFor();
  await facts.getByText('127.0.0.1').waitFor();
  expect(await look(phone, 'email-sign-in-link')).toEqual([]);
  await press(phone, 'Sign in');
  await arriveAt(phone, 'Your account');
  // The link has ended the code.
  await fill(page, 'Code', code ?? '');
  await isRefused(page, 'used');
});

test('EL-2: a link that was fetched twenty times and rendered still works', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await askForMail(page, account.email);
  const { link } = await site.server.mail(account.email, SUBJECT);
  for (let n = 0; n < 20; n += 1) {
    expect(await statusOf(link ?? '', n % 2 === 0 ? 'GET' : 'HEAD')).toBe(200);
  }
  // A scanner with a browser runs the scripts of the page and waits for what comes.
  const scanner = await site.visit();
  await scanner.goto(link ?? '');
  await arriveAt(scanner, 'Sign in with this link?');
  await scanner.waitForLoadState('networkidle');
  await scanner.context().close();
  const phone = await site.visit();
  await phone.goto(link ?? '');
  await press(phone, 'Sign in');
  await arriveAt(phone, 'Your account');
  const late = await site.visit();
  await late.goto(link ?? '');
  await late.getByText('This link was used').waitFor();
  expect(await look(late, 'email-sign-in-useless')).toEqual([]);
  await follow(late, 'Send a new mail');
  await arriveAt(late, 'Sign in by mail');
});

test('EL-4: an account with an app is asked for it after the link, and never for a mailed code', async () => {
  const account = await signUpElsewhere(site.server);
  const token = await signInElsewhere(site.server, account);
  const begun = await site.server.post(MFA.enableTotp, {}, token);
  const app = createAuthenticator(begun.data.enableTotp.secret);
  const confirmed = await site.server.post(
    MFA.confirmTotp,
    { input: { code: await app.code() } },
    token,
  );
  expect(confirmed.data.confirmTotp.__typename).toBe('MfaEnabled');
  const page = await site.visit();
  await askForMail(page, account.email);
  await openLink(page, site.server, account.email, SUBJECT);
  await press(page, 'Sign in');
  await arriveAt(page, 'Confirm your sign-in');
  expect(await page.getByText('Email code').count()).toBe(0);
  await fill(page, 'Code', await app.code());
  await arriveAt(page, 'Your account');
});

test('an address without an account gets one, from the sign-up page, without a password', async () => {
  const { email } = newcomer();
  const page = await site.visit();
  await page.goto('/sign-up');
  await follow(page, 'Email me a code instead');
  await arriveAt(page, 'Sign in by mail');
  await fill(page, 'Email address', email);
  await press(page, 'Send mail');
  await arriveAt(page, 'Check your mail');
  const { code } = await site.server.mail(email, SUBJECT);
  await fill(page, 'Code', code ?? '');
  await arriveAt(page, 'Your account');
  await page.getByText('You have no password yet.').waitFor();
  await page.goto('/account/two-step');
  await press(page, 'Turn on email codes');
  await isRefused(page, 'mailbox');
});

/** A request without a browser, as a program that looks at links sends it. */
function statusOf(link: string, method: 'GET' | 'HEAD'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(link, { method }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
