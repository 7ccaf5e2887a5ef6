import { createHash, randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { post } from '../process/server-process.ts';
import { freePort } from '../process/spawn.ts';
import { arriveAt, fill, follow, isRefused, press } from './support/acts.ts';
import { look } from './support/looks.ts';
import { newcomer } from './support/people.ts';
import { useSite } from './support/site.ts';

const SUBJECT = 'You are invited to Latchkey';
const INVITE = `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { __typename } }`;

let adminPort = '';
const site = useSite({
  env: async () => {
    adminPort = String(await freePort());
    return { ADMIN_PORT: adminPort };
  },
});

/** Invites an address, as a machine does. @returns the link of the mail */
async function invite(email: string): Promise<string> {
  const token = `lka_${randomBytes(32).toString('base64url')}`;
  const sql = postgres(site.server.database.url, { max: 1 });
  await sql`insert into admin_tokens (id, name, token_hash, permissions, created_by_name, created_at, expires_at)
    values (gen_random_uuid(), 'machine', ${createHash('sha256').update(token).digest()}, '{USERS_WRITE}', 'test',
      now(), now() + interval '1 day')`;
  await sql.end();
  const { data } = await post(
    `http://127.0.0.1:${adminPort}/admin`,
    INVITE,
    { input: { email } },
    {
      authorization: `Bearer ${token}`,
    },
  );
  expect(data?.inviteUser.__typename).toBe('UserInvited');
  const { link } = await site.server.mail(email, SUBJECT);
  return link ?? '';
}

test('AD-8: the link alone changes nothing; a weak password is refused, and a good one opens the account', async () => {
  const { email, password } = newcomer();
  const link = await invite(email);
  // A scanner with a browser runs the scripts of the page and waits for what comes.
  const scanner = await site.visit();
  await scanner.goto(link);
  await arriveAt(scanner, 'Accept your invitation');
  await scanner.waitForLoadState('networkidle');
  await scanner.context().close();

  const page = await site.visit();
  await page.goto(link);
  await arriveAt(page, 'Accept your invitation');
  await page.waitForURL((url) => url.search === '');
  await page.getByText(email).first().waitFor();
  expect(await look(page, 'accept-invitation')).toEqual([]);
  await fill(page, 'Name (optional)', 'Grace');
  await fill(page, 'Password', 'password');
  await press(page, 'Accept invitation');
  await isRefused(page, /password/i);
  expect(await look(page, 'accept-invitation-refused')).toEqual([]);
  await fill(page, 'Password', password);
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Your account');
  await page.getByText(email).first().waitFor();

  const late = await site.visit();
  await late.goto(link);
  await late.getByText('This invitation was accepted').waitFor();
  expect(await look(late, 'accept-invitation-useless')).toEqual([]);
  await follow(late, 'Go to the sign-in page');
  await arriveAt(late, 'Sign in');
});

test('AD-8: a link that a newer invitation replaced says so, and the newer one is used by the keyboard alone', async () => {
  const { email, password } = newcomer();
  const older = await invite(email);
  const newer = await invite(email);
  const page = await site.visit();
  await page.goto(older);
  await page.getByText('This invitation was accepted').waitFor();
  await page.goto(newer);
  await arriveAt(page, 'Accept your invitation');
  await page.getByLabel('Name (optional)').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Your account');
});
