import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../src/kernel/duration.ts';
import {
  countMails,
  mailTitled,
  REQUEST_RESET,
  RESEND,
  RESET,
  TITLES,
  typeOf,
} from '../journeys/account-care.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { PASSWORD, REGISTER, signUp } from '../support/journeys.ts';
import { mailsSettled } from '../support/outbox.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// RL-3 against RL-9: a stranger may use up what an address is mailed, never what its owner asks for.
let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  server = await startTestServer({ clock, env: { EMAIL_VERIFICATION: 'optional' } });
});
afterEach(() => server.close());

const SIGN_IN = `mutation ($input: LoginInput!) { login(input: $input) {
  __typename ... on SignedIn { accessToken deviceToken } } }`;

/** Only an address that was proven has known devices. */
async function owner(email: string) {
  await signUp(server, { email });
  const { data } = await server.graphql(SIGN_IN, { input: { email, password: PASSWORD } });
  return { email, ...data.login };
}

/** Strangers ask from everywhere until the day's mails to this address are gone. */
async function useUp(document: string, email: string, title: string): Promise<number> {
  for (let n = 0; n < 20; n += 1) {
    await server.graphql(document, { input: { email } }, { address: `10.7.${n}.1` });
    if (n % 4 !== 3) continue;
    // What is past its time would not be sent: three a quarter of an hour have left, ten a day.
    await mailTitled(server, email, title, Math.min(10, (3 * (n + 1)) / 4));
    await mailsSettled(server);
    clock.advance(15 * MINUTE);
  }
  await mailTitled(server, email, title, 10);
  return countMails(server, email, title);
}

const askForReset = (email: string, deviceToken?: string) =>
  server.graphql(
    REQUEST_RESET,
    { input: { email, ...(deviceToken && { deviceToken }) } },
    { address: '198.51.100.1' },
  );

test('RL-3: strangers who used up the reset mails of an address leave the owner’s device a way back', async () => {
  const { email, deviceToken } = await owner('owner@example.com');
  const before = await useUp(REQUEST_RESET, email, TITLES.reset);
  expect(before).toBe(10);
  const stranger = await askForReset(email);
  const own = await askForReset(email, deviceToken);
  expect(typeOf(own)).toBe(typeOf(stranger));
  const { token } = await mailTitled(server, email, TITLES.reset, before + 1);
  const input = { proof: { token }, newPassword: 'nine quiet herons walking' };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
});

test('RL-3: beyond the day’s allowance the mailbox gets one more reset each hour, whoever requests it', async () => {
  const { email } = await owner('owner@example.com');
  await useUp(REQUEST_RESET, email, TITLES.reset);
  let mailed = 10;
  // A whole day of strangers who leave nothing over.
  for (let hour = 1; hour <= 24; hour += 1) {
    await mailsSettled(server);
    clock.advance(HOUR);
    for (let n = 0; n < 3; n += 1) {
      await server.graphql(REQUEST_RESET, { input: { email } }, { address: `10.8.${hour}.${n}` });
    }
    mailed += 1;
    await mailTitled(server, email, TITLES.reset, mailed);
    expect(countMails(server, email, TITLES.reset)).toBe(mailed);
  }
  // Their last mail is as good to the owner as one of the owner's own.
  const { token } = await mailTitled(server, email, TITLES.reset, mailed);
  const input = { proof: { token }, newPassword: 'nine quiet herons walking' };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
}, 60_000);

test('RL-3: three requests of strangers do not use up the owner’s own reset of the same day', async () => {
  const { email } = await owner('owner@example.com');
  for (let n = 0; n < 3; n += 1) {
    await server.graphql(REQUEST_RESET, { input: { email } }, { address: `10.9.${n}.1` });
  }
  await mailTitled(server, email, TITLES.reset, 3);
  await mailsSettled(server);
  clock.advance(15 * MINUTE);
  const { data } = await askForReset(email);
  const { code } = await mailTitled(server, email, TITLES.reset, 4);
  const { resetToken } = data.requestPasswordReset;
  const input = {
    proof: { code: { email, code } },
    newPassword: 'nine quiet herons walking',
    resetToken,
  };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
});

test('RL-9: all devices of an address share the limit of the owner’s mails, and the device of another address has none of it', async () => {
  const { email, deviceToken } = await owner('owner@example.com');
  const { data } = await server.graphql(SIGN_IN, { input: { email, password: PASSWORD } });
  const other = await owner('other@example.com');
  await useUp(REQUEST_RESET, email, TITLES.reset);
  await askForReset(email, other.deviceToken);
  for (let n = 0; n < 4; n += 1) {
    await askForReset(email, deviceToken);
    await askForReset(email, data.login.deviceToken);
  }
  await mailTitled(server, email, TITLES.reset, 13);
  // A mail of another address: once it arrives, the mails before it have left.
  await askForReset(other.email);
  await mailTitled(server, other.email, TITLES.reset);
  expect(countMails(server, email, TITLES.reset)).toBe(13);
}, 40_000);

test('RL-3: the signed-in owner is mailed the proof of an address whose limit strangers used up', async () => {
  const email = 'unproven@example.com';
  await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
  const before = await useUp(RESEND, email, TITLES.verify);
  const { data } = await server.graphql(SIGN_IN, { input: { email, password: PASSWORD } });
  const bystander = await signUp(server);
  const ask = (token: string) => server.graphql(RESEND, { input: { email } }, { token });
  expect(typeOf(await ask(bystander.accessToken))).toBe('EmailSent');
  expect(typeOf(await ask(data.login.accessToken))).toBe('EmailSent');
  await mailTitled(server, email, TITLES.verify, before + 1);
  expect(countMails(server, email, TITLES.verify)).toBe(before + 1);
}, 40_000);
