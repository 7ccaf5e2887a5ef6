import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticator, scan } from './support/authenticator.ts';
import { launchChromium } from './support/chromium.ts';
import { type RealServer, startRealServer } from './support/real-server.ts';
import { watch } from './support/watch.ts';

/** A newcomer's first quarter of an hour, with nothing but what `npm start` names. */

let server: RealServer;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startRealServer(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** One click, as one expects of a tab. */
async function open(page: Page, operation: string): Promise<void> {
  await page.getByRole('tab').getByRole('button', { name: operation, exact: true }).click();
  const line = page.locator('.graphiql-query-editor .view-line');
  await line.filter({ hasText: new RegExp(`^(mutation|query)\\s${operation}\\b`) }).waitFor();
}

/** Replaces a value in the variables, which stand below the document. */
async function type(page: Page, variables: object): Promise<void> {
  await page.getByRole('region', { name: 'Variables' }).getByRole('code').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(JSON.stringify(variables));
  // The editor closes brackets by itself, behind what was written.
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.press('Delete');
}

/** Runs the operation and reads the answer. */
async function execute(page: Page, operation: string) {
  const [response] = await Promise.all([
    page.waitForResponse(
      (one) => one.request().method() === 'POST' && !!one.request().postData()?.includes(operation),
    ),
    page.getByRole('button', { name: /^Execute query/ }).click(),
  ]);
  expect(response.status()).toBe(200);
  return (await response.json()).data;
}

const EMAIL = 'ada@example.com';

/** The code of the newest mail to Ada, as a script reads it. */
async function mailedCode(subject: string): Promise<string> {
  return (await server.mail(EMAIL, subject)).code ?? '';
}

test('P-14: register, verify, an authenticator app, sign-in with it and sign-out, with nothing copied but codes', async () => {
  const context = await browser.newContext();
  const problems = watch(context, [server.url]);
  const page = await context.newPage();
  await page.goto(`${server.url}/graphql`);
  await open(page, 'Viewer');
  await open(page, 'Register');
  const { register } = await execute(page, 'Register');
  expect(register).toMatchObject({ __typename: 'EmailVerificationRequired', email: EMAIL });
  await page.getByRole('region', { name: 'Result Window' }).getByText('expiresAt').waitFor();

  await open(page, 'VerifyEmail');
  const code = await mailedCode('Confirm your email address');
  await type(page, {
    input: {
      proof: { code: { email: EMAIL, code } },
      registrationToken: '{{registrationToken}}',
    },
  });
  const { verifyEmail } = await execute(page, 'VerifyEmail');
  expect(verifyEmail.__typename).toBe('SignedIn');
  await page.getByText('Signed in. Every tab sends the access token.').waitFor();

  await open(page, 'Viewer');
  const { viewer } = await execute(page, 'Viewer');
  expect(viewer.user).toMatchObject({ email: EMAIL, emailVerified: true });

  await open(page, 'EnableTotp');
  const { enableTotp } = await execute(page, 'EnableTotp');
  await page.getByAltText('QR code for your authenticator app').waitFor();
  const secret = await scan(page);
  expect(secret).toBe(enableTotp.secret);
  await keepPictures(page, 'graphiql-qr');
  const app = createAuthenticator(secret);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await open(page, 'ConfirmTotp');
  await type(page, { input: { code: await app.code() } });
  expect((await execute(page, 'ConfirmTotp')).confirmTotp.__typename).toBe('MfaEnabled');

  await open(page, 'Refresh');
  expect((await execute(page, 'Refresh')).refreshToken.__typename).toBe('SignedIn');
  await open(page, 'Logout');
  expect((await execute(page, 'Logout')).logout.__typename).toBe('SignedOut');
  await page.getByText('Signed out.').waitFor();
  await open(page, 'Viewer');
  expect((await execute(page, 'Viewer')).viewer).toBeNull();

  await open(page, 'Login');
  const { login } = await execute(page, 'Login');
  expect(login).toMatchObject({ __typename: 'MfaRequired' });
  await open(page, 'VerifyMfa');
  await type(page, {
    input: { challengeToken: '{{challengeToken}}', method: 'TOTP', code: await app.code() },
  });
  const { verifyMfa } = await execute(page, 'VerifyMfa');
  expect(verifyMfa.__typename).toBe('SignedIn');
  await keepPictures(page, 'graphiql-signed-in');

  // A reload keeps tabs and tokens; the address bar and what outlives the tab hold none of it.
  await page.reload();
  await open(page, 'Viewer');
  expect((await execute(page, 'Viewer')).viewer.user.email).toBe(EMAIL);
  expect(page.url()).toBe(`${server.url}/graphql`);
  const lasting = await page.evaluate(() => JSON.stringify(localStorage) + document.title);
  for (const secret of ['horse', EMAIL, verifyMfa.accessToken, 'lkr_', 'lkc_']) {
    expect(lasting).not.toContain(secret);
  }
  expect(problems).toEqual([]);
  await context.close();
});

/** With SCREENSHOTS=folder: what it looks like, wide and narrow, light and dark. */
async function keepPictures(page: Page, name: string): Promise<void> {
  const { SCREENSHOTS } = process.env;
  if (!SCREENSHOTS) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const width of [1280, 360]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
}
