import { expect } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { testWithServer } from '../../support/fixture.ts';
import { signIn, signUp } from '../../support/journeys.ts';
import {
  callAs,
  challengeOf,
  enrollEmail,
  enrollTotp,
  MFA,
  mailCount,
  verify,
} from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';
import { askForReset, NEW_PASSWORD, RESET } from '../account-care.ts';

const clock = createFakeClock();
const test = testWithServer({ clock });

/** Requests a code and reads it from the mail. */
async function mailedCode(
  server: TestServer,
  email: string,
  challengeToken: string,
): Promise<string> {
  const count = (await mailCount(server, email)) + 1;
  const { data } = await server.graphql(MFA.sendCode, { input: { challengeToken } });
  expect(data.sendMfaEmailCode).toMatchObject({ __typename: 'EmailSent', email });
  return (await server.mailTo(email, count)).code;
}

/** Sets the password by mail. */
async function reset(server: TestServer, email: string): Promise<void> {
  const { token } = await askForReset(server, email);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  const { data } = await server.graphql(RESET, { input });
  expect(data.resetPassword.__typename).toBe('PasswordChanged');
}

const otherCode = (code: string) => (code === '00000000' ? '11111111' : '00000000');

test('EO-7: a person who signs in with a mailed code has the methods email and otp', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signUp(server));
  expect(person.backupCodes).toHaveLength(10);
  const { challengeToken, methods } = await challengeOf(server, person);
  expect(methods).toEqual(['EMAIL', 'BACKUP_CODE']);
  const code = await mailedCode(server, person.email, challengeToken);
  expect(code).toMatch(/^\d{8}$/);
  const signedIn = await verify(
    server,
    challengeToken,
    'EMAIL',
    `${code.slice(0, 4)} ${code.slice(4)}`,
  );
  expect(signedIn.viewer.session.methods).toEqual(['pwd', 'email', 'otp', 'mfa']);
  expect(await verify(server, challengeToken, 'EMAIL', code)).toMatchObject({
    __typename: 'ChallengeExpiredError',
  });
});

test('EO-3: a code works for the challenge it was mailed for, and for no other', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signUp(server));
  const first = await challengeOf(server, person);
  const second = await challengeOf(server, person);
  const code = await mailedCode(server, person.email, first.challengeToken);
  await mailedCode(server, person.email, second.challengeToken);
  expect(await verify(server, second.challengeToken, 'EMAIL', code)).toMatchObject({
    __typename: 'InvalidCodeError',
  });
  expect(await verify(server, first.challengeToken, 'EMAIL', code)).toMatchObject({
    __typename: 'SignedIn',
  });
});

test('EO-2: a newer code replaces the older one without new attempts, and the fourth mail is rejected', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  const first = await mailedCode(server, person.email, challengeToken);
  expect(await verify(server, challengeToken, 'EMAIL', otherCode(first))).toMatchObject({
    attemptsRemaining: 4,
  });
  await mailedCode(server, person.email, challengeToken);
  expect(await verify(server, challengeToken, 'EMAIL', first)).toMatchObject({
    __typename: 'InvalidCodeError',
    attemptsRemaining: 3,
  });
  const third = await mailedCode(server, person.email, challengeToken);
  const { data } = await server.graphql(MFA.sendCode, { input: { challengeToken } });
  expect(data.sendMfaEmailCode.__typename).toBe('RateLimitedError');
  expect(await verify(server, challengeToken, 'EMAIL', third)).toMatchObject({
    __typename: 'SignedIn',
  });
});

test('EO-5: a wrong code does not use up the right one', async ({ server }) => {
  const person = await enrollEmail(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  const code = await mailedCode(server, person.email, challengeToken);
  for (let tries = 0; tries < 4; tries += 1) {
    await verify(server, challengeToken, 'EMAIL', otherCode(code));
  }
  expect((await verify(server, challengeToken, 'EMAIL', code)).__typename).toBe('SignedIn');
});

test('a code expires with its challenge', async ({ server }) => {
  const person = await enrollEmail(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  const code = await mailedCode(server, person.email, challengeToken);
  clock.advance(5 * 60_000);
  expect(await verify(server, challengeToken, 'EMAIL', code)).toMatchObject({
    __typename: 'ChallengeExpiredError',
  });
});

test('a person who uses another factor gets no code by mail', async ({ server }) => {
  const person = await enrollTotp(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  const { data } = await server.graphql(MFA.sendCode, { input: { challengeToken } });
  expect(data.sendMfaEmailCode.__typename).toBe('MfaNotEnabledError');
});

test('EO-3: enabling needs the code of the session that requested it, and works once', async ({
  server,
}) => {
  const person = await signUp(server);
  const asking = await signIn(server, person);
  const token = asking.accessToken;
  expect(await callAs(server, token, MFA.confirmEmailMfa, { code: '12345678' })).toMatchObject({
    __typename: 'InvalidCodeError',
  });
  const count = (await mailCount(server, person.email)) + 1;
  await callAs(server, token, MFA.enableEmailMfa);
  const { code } = await server.mailTo(person.email, count);
  expect(await callAs(server, person.accessToken, MFA.confirmEmailMfa, { code })).toMatchObject({
    __typename: 'InvalidCodeError',
  });
  await enrollEmail(server, asking);
  expect(await callAs(server, token, MFA.enableEmailMfa)).toMatchObject({
    __typename: 'MfaAlreadyEnabledError',
  });
});

test('EO-6: a session that depends on a mailbox does not get full access from a code to the same mailbox', async ({
  server,
}) => {
  const person = await enrollEmail(server, await signUp(server));
  const token = person.accessToken;
  expect(await callAs(server, token, MFA.disableEmailMfa)).toMatchObject({
    __typename: 'StepUpRequiredError',
    methods: ['BACKUP_CODE', 'PASSWORD'],
  });
  expect(await callAs(server, token, MFA.sendReauthenticationCode)).toMatchObject({
    __typename: 'MfaNotEnabledError',
  });
  // Together with the password, a mailed code is a second factor.
  const { password } = person;
  const proven = await callAs(server, token, MFA.reauthenticate, { password });
  const stepUp = await callAs(server, proven.accessToken, MFA.disableEmailMfa);
  expect(stepUp.methods).toEqual(['EMAIL', 'BACKUP_CODE']);
  const count = (await mailCount(server, person.email)) + 1;
  const sent = await callAs(server, token, MFA.sendReauthenticationCode);
  expect(sent.__typename).toBe('EmailSent');
  const { code } = await server.mailTo(person.email, count);
  const input = { code: { method: 'EMAIL', code } };
  expect((await callAs(server, token, MFA.reauthenticate, input)).__typename).toBe('SignedIn');
  expect((await callAs(server, token, MFA.reauthenticate, input)).__typename).toBe(
    'InvalidCodeError',
  );
  expect((await callAs(server, token, MFA.disableEmailMfa)).viewer.mfa).toMatchObject({
    enabled: false,
    backupCodesRemaining: 0,
  });
});

test('EO-6: after a reset by mail, only factors besides the mailbox are offered, at sign-in and afterwards', async ({
  server,
}) => {
  const enrolled = await enrollEmail(server, await signUp(server));
  const person = { ...enrolled, password: NEW_PASSWORD };
  await reset(server, person.email);
  const { challengeToken, methods } = await challengeOf(server, person);
  expect(methods).toEqual(['BACKUP_CODE']);
  const sent = await server.graphql(MFA.sendCode, { input: { challengeToken } });
  expect(sent.data.sendMfaEmailCode.__typename).toBe('MfaNotEnabledError');
  // This person only had codes by mail, so a backup code still signs them in.
  const signedIn = await verify(server, challengeToken, 'BACKUP_CODE', person.backupCodes[0] ?? '');
  expect(signedIn).toMatchObject({ __typename: 'SignedIn' });
  expect(signedIn.viewer.session.methods).toEqual(['pwd', 'backup_code', 'mfa']);
  // More than the mailbox was needed for that sign-in, so the password no longer depends on the mailbox.
  expect((await challengeOf(server, person)).methods).toEqual(['EMAIL', 'BACKUP_CODE']);
  await reset(server, person.email);
  expect((await challengeOf(server, person)).methods).toEqual(['BACKUP_CODE']);
});

test('EO-6: after a reset, a code by mail is not the second factor of a session with the new password', async ({
  server,
}) => {
  const { email } = await signUp(server);
  await reset(server, email);
  const session = await signIn(server, { email, password: NEW_PASSWORD });
  const { accessToken } = await enrollEmail(server, session);
  expect(await callAs(server, accessToken, MFA.disableEmailMfa)).toMatchObject({
    __typename: 'StepUpRequiredError',
    methods: ['BACKUP_CODE'],
  });
});
