import { and, eq, isNotNull, ne } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mailOutbox } from '../../src/db/tables/outbox.ts';
import { DAY, MINUTE } from '../../src/kernel/duration.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { LOGIN, PASSWORD, REGISTER, signUp, VERIFY_EMAIL } from '../support/journeys.ts';
import { mailsSettled } from '../support/outbox.ts';
import { countRowsOf } from '../support/query-database.ts';
import { type Answer, startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let clock: FakeClock;

beforeEach(async () => {
  clock = createFakeClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.close());

const RESEND = `mutation ($input: ResendEmailVerificationInput!) {
  resendEmailVerification(input: $input) {
    __typename ... on EmailSent { email expiresAt } ... on Error { message } } }`;

const resend = (email: string, address: string) =>
  server.graphql(RESEND, { input: { email } }, { address });

const register = (email: string, address: string, password = PASSWORD) =>
  server.graphql(REGISTER, { input: { email, password } }, { address });

let others = 0;
/** Sends a mail of its own: once it arrives, the mails before it have left. */
async function mailToNobodyElse(): Promise<void> {
  others += 1;
  await register(`other-${others}@example.com`, `10.9.${others}.1`);
  await server.mailTo(`other-${others}@example.com`);
}

/** Waits until so many are marked as sent: one that is under way when the clock moves is sent again. */
async function allSent(email: string, count: number): Promise<void> {
  const { db } = server.app.deps;
  const sent = and(eq(mailOutbox.recipient, email), isNotNull(mailOutbox.sentAt));
  const real = and(sent, ne(mailOutbox.queue, 'decoy'));
  await until(async () => ((await countRowsOf(db, mailOutbox, real)) >= count ? true : undefined));
}

/** Everything a client can see of an answer, but for the request's own id. */
function visible({ status, headers, text }: Answer): string {
  const kept = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  return JSON.stringify([status, kept, text]);
}

test('RL-9: of 100 requests to mail one address 3 are mailed at once, ten a day, and all 100 answers are identical', async () => {
  const email = 'waiting@example.com';
  await register(email, '198.51.100.1');
  await server.mailTo(email);
  const seen = new Set<string>();
  for (let n = 0; n < 100; n += 1) seen.add(visible(await resend(email, `198.51.100.${n}`)));
  expect(seen.size).toBe(1);
  await allSent(email, 3);
  // What the burst refused leaves when it opens: 3 each quarter of an hour, until the day is used up.
  for (const count of [6, 9, 10, 10]) {
    clock.advance(15 * MINUTE);
    await mailToNobodyElse();
    await allSent(email, count);
    expect(server.mails.filter(({ to }) => to === email)).toHaveLength(count);
  }
}, 60_000);

test('RL-9: no address is mailed more than ten times a day', async () => {
  const email = 'waiting@example.com';
  await register(email, '198.51.100.1');
  for (let quarter = 0; quarter < 95; quarter += 1) {
    await mailsSettled(server);
    clock.advance(15 * MINUTE);
    await resend(email, `10.1.${quarter}.1`);
  }
  await mailsSettled(server);
  expect(server.mails).toHaveLength(10);
  clock.advance(DAY);
  // The registration is still pending: the next day it may be mailed again.
  await resend(email, '10.2.0.1');
  await server.mailTo(email, 11);
}, 60_000);

test('RL-9: one source causes at most 20 mails an hour, whatever the addresses', async () => {
  for (let n = 0; n < 30; n += 1) await register(`person-${n}@example.com`, `10.3.${n}.1`);
  await until(() => server.mails.length === 30);
  const answers = new Set<string>();
  for (let n = 0; n < 30; n += 1) {
    const { data } = await resend(`person-${n}@example.com`, '203.0.113.5');
    answers.add(data.resendEmailVerification.__typename);
  }
  // A mail of its own: once it arrives, the mails before it have left.
  await register('last@example.com', '10.3.99.1');
  await server.mailTo('last@example.com');
  await until(() => server.mails.length >= 51);
  expect(server.mails).toHaveLength(51);
  expect([...answers]).toEqual(['EmailSent']);
}, 60_000);

test('RL-13: one source registers ten accounts at once and ten an hour, and is answered how long to wait', async () => {
  const address = '203.0.113.6';
  for (let n = 0; n < 10; n += 1) {
    const { data } = await register(`new-${n}@example.com`, address);
    expect(data.register.__typename).toBe('EmailVerificationRequired');
  }
  const { data } = await register('new-11@example.com', address);
  expect(data.register).toMatchObject({ __typename: 'RateLimitedError', retryAfterSeconds: 360 });
  clock.advance(6 * MINUTE);
  const again = async () =>
    (await register('new-11@example.com', address)).data.register.__typename;
  expect(await again()).toBe('EmailVerificationRequired');
  expect(await again()).toBe('RateLimitedError');
}, 30_000);

test('EO-2: guessing at the codes of many addresses from one source ends at 30', async () => {
  const person = await signUp(server);
  const outcomes: string[] = [];
  for (let n = 0; n < 40; n += 1) {
    const proof = { code: { email: `${n}-${person.email}`, code: '12345678' } };
    const { data } = await server.graphql(
      VERIFY_EMAIL,
      { input: { proof } },
      { address: '203.0.113.8' },
    );
    outcomes.push(data.verifyEmail.__typename);
  }
  expect(outcomes.filter((one) => one === 'InvalidTokenError')).toHaveLength(30);
  expect(outcomes.at(-1)).toBe('RateLimitedError');
});

test('RL-9: a person who makes accounts with strangers’ addresses mails them no more than any stranger', async () => {
  const optional = await startTestServer({ clock, env: { EMAIL_VERIFICATION: 'optional' } });
  const address = '198.51.100.7';
  const { db } = optional.app.deps;
  const real = ne(mailOutbox.queue, 'decoy');
  const ENABLE = 'mutation { enableEmailMfa { __typename } }';
  for (let victim = 0; victim < 5; victim += 1) {
    const email = `stranger-${victim}@example.com`;
    const input = { email, password: PASSWORD };
    const { data } = await optional.graphql(REGISTER, { input }, { address });
    const as = { address, token: data.register.accessToken };
    for (let turn = 0; turn < 8; turn += 1) {
      await optional.graphql(RESEND, { input: { email } }, as);
      await optional.graphql(ENABLE, undefined, as);
      const headers = { 'user-agent': `Browser${turn}/1.0 (Linux)` };
      const again = await optional.graphql(LOGIN, { input }, { address, headers });
      expect(again.data.login.__typename).toBe('SignedIn');
    }
    const toOne = await countRowsOf(db, mailOutbox, and(real, eq(mailOutbox.recipient, email)));
    expect(toOne).toBeLessThanOrEqual(12);
  }
  // The five that the registrations caused, and an hour's of what their accounts may ask for.
  expect(await countRowsOf(db, mailOutbox, real)).toBeLessThanOrEqual(5 + 20);
  await optional.close();
});
