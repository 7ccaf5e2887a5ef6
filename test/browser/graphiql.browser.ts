import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const QUERY = 'Operation Editor';
const HEADERS = 'Headers';

/** By the keyboard: GraphiQL takes the first click of a mouse on a tab for focus alone. */
async function open(page: Page, operation: string): Promise<void> {
  await page.getByRole('tab', { name: operation }).getByRole('button').first().press('Enter');
  const line = page.locator('.graphiql-query-editor .view-line', { hasText: `${operation} {` });
  await line.first().waitFor();
}

/** Replaces what stands in one of the editors. */
async function write(page: Page, editor: string, text: string): Promise<void> {
  await page.getByRole('region', { name: editor }).getByRole('code').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
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

test('register, the mail, verify and viewer, all in GraphiQL', async () => {
  const context = await browser.newContext();
  const problems = watch(context, [server.url]);
  const page = await context.newPage();
  await page.goto(`${server.url}/graphql`);
  await open(page, 'Register');
  const { register } = await execute(page, 'Register');
  expect(register).toMatchObject({ __typename: 'EmailVerificationRequired' });
  await page.getByRole('region', { name: 'Result Window' }).getByText('expiresAt').waitFor();

  const mailbox = await context.newPage();
  await mailbox.goto(`${server.url}/dev/mailbox`);
  const mail = mailbox.getByRole('article').filter({ hasText: register.email });
  const code = await mail.locator('.code').textContent();
  expect(code).toMatch(/^\d{8}$/);
  await mailbox.close();

  await open(page, 'VerifyEmail');
  await write(
    page,
    QUERY,
    'mutation VerifyEmail { verifyEmail(input: { proof: { code: { ' +
      `email: "${register.email}", code: "${code}" } }, ` +
      `registrationToken: "${register.registrationToken}" }) ` +
      '{ __typename ... on SignedIn { accessToken } } }',
  );
  const { verifyEmail } = await execute(page, 'VerifyEmail');
  expect(verifyEmail.__typename).toBe('SignedIn');

  await open(page, 'Viewer');
  await page.getByRole('button', { name: HEADERS }).click();
  await write(
    page,
    HEADERS,
    JSON.stringify({ authorization: `Bearer ${verifyEmail.accessToken}` }),
  );
  const { viewer } = await execute(page, 'Viewer');
  expect(viewer.user).toMatchObject({ email: register.email, emailVerified: true });
  expect(viewer.sessions.edges).toHaveLength(1);
  expect(problems).toEqual([]);
  await context.close();
});
