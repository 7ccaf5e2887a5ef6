import { expect } from 'vitest';
import { askForReset, NEW_PASSWORD, RESET, typeOf } from '../journeys/account-care.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, PASSWORD, signUp } from '../support/journeys.ts';
import type { TestServer } from '../support/server.ts';

// RL-3 against someone who once had the password and kept device tokens of the account: what they send
// with these tokens must not keep the owner out. guesses.test.ts counts the guesses.
const test = testWithServer({ clock: createFakeClock() });

const WRONG = 'not the password at all';

let addresses = 0;
function randomAddress(): string {
  addresses += 1;
  return `10.9.${addresses >> 8}.${addresses & 255}`;
}

/** One person's account, as its owner and a thief use it. */
async function accountOf(server: TestServer) {
  const person = await signUp(server);

  const tokens = async (count: number): Promise<string[]> => {
    const got: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const { data } = await server.graphql(
        'mutation ($input: LoginInput!) { login(input: $input) { ... on SignedIn { deviceToken } } }',
        { input: { email: person.email, password: PASSWORD } },
      );
      got.push(data.login.deviceToken);
    }
    return got;
  };

  const tryToSignIn = async (password: string, deviceToken?: string): Promise<string> => {
    const input = { email: person.email, password, ...(deviceToken && { deviceToken }) };
    return typeOf(await server.graphql(LOGIN, { input }, { address: randomAddress() }));
  };

  /** @returns how many wrong passwords were verified */
  const guess = async (tries: number, deviceToken?: string): Promise<number> => {
    let verified = 0;
    for (let n = 0; n < tries; n += 1) {
      if ((await tryToSignIn(WRONG, deviceToken)) === 'InvalidCredentialsError') verified += 1;
    }
    return verified;
  };

  /** Sends wrong passwords with the thief's tokens until the limit of all devices is closed. */
  const closeDevices = async (stolen: readonly string[]): Promise<void> => {
    for (const token of stolen) expect(await guess(10, token)).toBe(10);
  };

  return { person, tokens, tryToSignIn, guess, closeDevices };
}

test('RL-3: wrong passwords with stolen device tokens do not lock out the owner’s own device', async ({
  server,
}) => {
  const { tokens, tryToSignIn, closeDevices } = await accountOf(server);
  const [own = '', ...stolen] = await tokens(4);
  await closeDevices(stolen);
  expect(await tryToSignIn(PASSWORD, own)).toBe('SignedIn');
});

test('RL-3: a password reset opens the limit of all devices that a thief of tokens has closed', async ({
  server,
}) => {
  const { person, tokens, tryToSignIn, guess, closeDevices } = await accountOf(server);
  const [own = '', ...stolen] = await tokens(4);
  await closeDevices(stolen);
  await guess(10);
  // The thief and strangers together: for the moment only the reset is left. The owner's further attempts
  // are not verified, and so do not close the limit of the owner's device.
  for (let n = 0; n < 12; n += 1) {
    expect(await tryToSignIn(PASSWORD, own)).toBe('RateLimitedError');
  }
  const { token } = await askForReset(server, person.email);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
  // The strangers' limit is closed again: it is the devices' limit that allows the owner.
  await guess(10);
  expect(await tryToSignIn(NEW_PASSWORD)).toBe('RateLimitedError');
  expect(await tryToSignIn(NEW_PASSWORD, own)).toBe('SignedIn');
});

test('RL-3: guessing strangers keep an owner on a new device out, who gets in with a reset while they go on', async ({
  server,
}) => {
  const { person, tryToSignIn, guess } = await accountOf(server);
  await guess(10);
  expect(await tryToSignIn(PASSWORD)).toBe('RateLimitedError');
  const { code, resetToken } = await askForReset(server, person.email);
  const proof = { code: { email: person.email, code } };
  const input = { proof, resetToken, newPassword: NEW_PASSWORD };
  const { data } = await server.graphql(RESET, { input }, { address: randomAddress() });
  const { deviceToken } = data.resetPassword;
  // Before the new password is typed, strangers have closed the account's limit again.
  await guess(10);
  expect(await tryToSignIn(NEW_PASSWORD)).toBe('RateLimitedError');
  for (let n = 0; n < 20; n += 1) {
    await tryToSignIn(WRONG);
    expect(await tryToSignIn(NEW_PASSWORD, deviceToken)).toBe('SignedIn');
  }
  // It is a device of this address and of no other.
  const other = await signUp(server);
  const wrong = { email: other.email, password: WRONG, deviceToken };
  for (let n = 0; n < 10; n += 1)
    await server.graphql(LOGIN, { input: wrong }, { address: randomAddress() });
  const right = { ...wrong, password: other.password };
  expect(typeOf(await server.graphql(LOGIN, { input: right }))).toBe('RateLimitedError');
});
