import { expect } from 'vitest';
import { DAY, MINUTE } from '../../src/kernel/duration.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { mailsSettled } from '../support/outbox.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';
import { countMails, isSignedIn, mailTitled, TITLES } from './account-care.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const NEWER_FIREFOX = FIREFOX.replaceAll('140.0', '141.0');
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15';

const clock = createFakeClock();

const test = testWithServer({ clock });

async function signInFrom(server: TestServer, person: Person, address: string, userAgent: string) {
  const input = { email: person.email, password: person.password };
  const options = { address, headers: { 'user-agent': userAgent } };
  const { data } = await server.graphql(LOGIN, { input }, options);
  expect(data.login.__typename).toBe('SignedIn');
}

async function noticesAfter(
  server: TestServer,
  person: Person,
  address: string,
  userAgent: string,
) {
  const before = countMails(server, person.email, TITLES.newDevice);
  await signInFrom(server, person, address, userAgent);
  await mailsSettled(server);
  return countMails(server, person.email, TITLES.newDevice) - before;
}

test('LG-6: a new device or address is reported once; a new browser version or a known device is not', async ({
  server,
}) => {
  const person = await signUp(server);
  await mailsSettled(server);
  expect(countMails(server, person.email, TITLES.newDevice)).toBe(0);
  expect(await noticesAfter(server, person, '127.0.0.1', FIREFOX)).toBe(1);
  expect(await noticesAfter(server, person, '127.0.0.1', NEWER_FIREFOX)).toBe(0);
  expect(await noticesAfter(server, person, '127.0.0.1', SAFARI)).toBe(1);
  expect(await noticesAfter(server, person, '203.0.113.7', SAFARI)).toBe(1);
  expect(await noticesAfter(server, person, '203.0.113.7', FIREFOX)).toBe(0);
  expect(await noticesAfter(server, person, '2001:db8:1:2::a', FIREFOX)).toBe(1);
  expect(await noticesAfter(server, person, '2001:db8:1:2:ffff::b', FIREFOX)).toBe(0);
  expect(await noticesAfter(server, person, '2001:db8:1:3::a', FIREFOX)).toBe(1);
  const { text } = await mailTitled(server, person.email, TITLES.newDevice);
  expect(text).toContain('2001:db8:1:3::a');
});

test('LG-6: an old account without a remembered sign-in gets a mail about the first one', async ({
  server,
}) => {
  const person = await signUp(server);
  await queryDatabase(server.app.deps.db, 'delete from sign_in_origins');
  clock.advance(2 * DAY);
  expect(await noticesAfter(server, person, '127.0.0.1', FIREFOX)).toBe(1);
});

test('RR-7: reuse of a refresh token ends its session, keeps the others and notifies the person', async ({
  server,
}) => {
  const person = await signUp(server);
  const other = await signIn(server, person);
  await refresh(server, person.refreshToken);
  clock.advance(MINUTE);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  await mailTitled(server, person.email, TITLES.reuse);
  expect(await isSignedIn(server, person)).toBe(false);
  expect(await isSignedIn(server, other)).toBe(true);
  await refresh(server, person.refreshToken);
  await mailsSettled(server);
  expect(countMails(server, person.email, TITLES.reuse)).toBe(1);
});
