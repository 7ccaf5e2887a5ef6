import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { arriveAt, press } from './support/acts.ts';
import { look } from './support/looks.ts';
import { type Account, signInElsewhere, signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';

const site = useSite({ env: async () => ({ IMPERSONATION: 'true' }) });

/** A handover token as impersonateUser would issue it. How it is asked for is the subject of other tests. */
async function handover(person: Account): Promise<string> {
  const administrator = await signUpElsewhere(site.server);
  const { sub, sid } = decodeJwt<{ sid: string }>(
    await signInElsewhere(site.server, administrator),
  );
  const handoverToken = `lkh_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(handoverToken).digest();
  const sql = postgres(site.server.database.url, { max: 1, onnotice: () => undefined });
  await sql`insert into roles (name, created_at, updated_at) values ('admin', now(), now())
    on conflict do nothing`;
  await sql`insert into user_roles (user_id, role, granted_at, user_created_at)
    select id, 'admin', now(), created_at from users where id = ${sub ?? ''}`;
  await sql`update sessions set second_factor_at = now() where id = ${sid}`;
  await sql`insert into handovers (id, token_hash, user_id, impersonator_id, impersonator_session_id,
      reason, created_at, expires_at)
    select gen_random_uuid(), ${hash}, id, ${sub ?? ''}, ${sid}, 'ticket 4711', now(),
      now() + interval '1 minute' from users where email = ${person.email}`;
  await sql.end();
  return handoverToken;
}

const COMPLETE = `mutation ($input: CompleteHandoverInput!) { completeHandover(input: $input) {
  __typename ... on InvalidInputError { issues { message } } } }`;

/** Sends an operation from the page, with its cookies. */
async function completeHandover(
  page: Awaited<ReturnType<typeof site.visit>>,
  handoverToken: string,
) {
  const body = JSON.stringify({ query: COMPLETE, variables: { input: { handoverToken } } });
  return await page.evaluate(async (sent) => {
    const headers = { 'content-type': 'application/json', 'x-latchkey-csrf': '1' };
    const response = await fetch('/graphql', { method: 'POST', headers, body: sent });
    return (await response.json()).data.completeHandover;
  }, body);
}

test('IM-1: a support session says so on every page until it is ended, and the person sees it among their devices', async () => {
  const person = await signUpElsewhere(site.server);
  const page = await site.visit();
  await page.goto('/sign-in');
  const handoverToken = await handover(person);
  expect(await completeHandover(page, handoverToken)).toMatchObject({ __typename: 'SignedIn' });
  await page.goto('/account');
  await arriveAt(page, 'Your account');
  const banner = page.getByRole('region', { name: 'Support session' });
  await banner.getByText(`You are signed in as ${person.email}.`).waitFor();
  expect(await look(page, 'support-session')).toEqual([]);
  await page.goto('/account/devices');
  await page.getByText('Support of Latchkey').waitFor();

  // In cookie mode a second one would take its place without a word.
  const second = await completeHandover(page, await handover(person));
  expect(second.issues).toEqual([
    { message: 'This browser is signed in. Open a private window, or sign out first.' },
  ]);

  await press(page, 'End support session');
  await arriveAt(page, 'Sign in');
  await banner.waitFor({ state: 'detached' });
});
