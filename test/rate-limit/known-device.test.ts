import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../../src/kernel/duration.ts';
import { ServerBusyError } from '../../src/kernel/errors.ts';
import { signInLimits } from '../../src/rate-limit/limits.ts';
import { askForReset, NEW_PASSWORD, RESET, typeOf } from '../journeys/account-care.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { LOGIN, PASSWORD, type Person, signUp } from '../support/journeys.ts';
import { PRODUCTION_LIMITS } from '../support/rate-limits.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// RL-3 against somebody who once had the password and kept device tokens of the account: what they
// send with them must not keep out the owner, nor be more guesses than a stranger's and a device's.
const WRONG = 'not the password at all';

let server: TestServer;
let clock: FakeClock;
let person: Person;

beforeEach(async () => {
  clock = createFakeClock();
  server = await startTestServer({ clock });
  person = await signUp(server);
});
afterEach(() => server.close());

let addresses = 0;
function randomAddress(): string {
  addresses += 1;
  return `10.9.${addresses >> 8}.${addresses & 255}`;
}

async function tokens(count: number): Promise<string[]> {
  const got: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { data } = await server.graphql(
      'mutation ($input: LoginInput!) { login(input: $input) { ... on SignedIn { deviceToken } } }',
      { input: { email: person.email, password: PASSWORD } },
    );
    got.push(data.login.deviceToken);
  }
  return got;
}

async function tryToSignIn(password: string, deviceToken?: string): Promise<string> {
  const input = { email: person.email, password, ...(deviceToken && { deviceToken }) };
  return typeOf(await server.graphql(LOGIN, { input }, { address: randomAddress() }));
}

/** @returns how many wrong passwords were looked at */
async function guess(tries: number, deviceToken?: string): Promise<number> {
  let judged = 0;
  for (let n = 0; n < tries; n += 1) {
    if ((await tryToSignIn(WRONG, deviceToken)) === 'InvalidCredentialsError') judged += 1;
  }
  return judged;
}

/** Wrong passwords with the thief's tokens, until the budget of all devices is closed. */
async function closeDevices(stolen: readonly string[]): Promise<void> {
  for (const token of stolen) expect(await guess(10, token)).toBe(10);
}

test('RL-3: wrong passwords with stolen device tokens do not lock out the owner’s own device', async () => {
  const [own = '', ...stolen] = await tokens(4);
  await closeDevices(stolen);
  expect(await tryToSignIn(PASSWORD, own)).toBe('SignedIn');
});

test('RL-3: a known device is never worse off than an unknown one, also when its own budget is closed', async () => {
  const [own = ''] = await tokens(1);
  await guess(10, own);
  expect(await tryToSignIn(PASSWORD, own)).toBe('SignedIn');
  // That success ended its failures in a row: strangers cannot make it wait (RL-10).
  await guess(12);
  expect(await tryToSignIn(PASSWORD)).toBe('RateLimitedError');
  expect(await tryToSignIn(PASSWORD, own)).toBe('SignedIn');
});

test('RL-2: a pile of stolen device tokens buys the devices’ thirty guesses and a stranger’s ten, no more', async () => {
  const stolen = await tokens(10);
  let judged = 0;
  for (const token of stolen) judged += await guess(10, token);
  judged += await guess(10);
  expect(judged).toBe(40);
  // The waits of both are over once: one more guess each.
  clock.advance(MINUTE);
  for (const token of stolen) judged += await guess(2, token);
  expect(judged).toBe(42);
});

test('RL-6: fifty wrong passwords at once with a pile of tokens get no further', async () => {
  const stolen = await tokens(10);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, n) => tryToSignIn(WRONG, stolen[n % stolen.length])),
  );
  const judged = outcomes.filter((one) => one === 'InvalidCredentialsError');
  expect(judged.length).toBeLessThanOrEqual(40);
});

test('RL-3: a password reset opens the budget of all devices that a thief of tokens has closed', async () => {
  const [own = '', ...stolen] = await tokens(4);
  await closeDevices(stolen);
  await guess(10);
  // The thief and strangers together: nothing is left, for the moment, but the reset. An owner who
  // tries on is not judged, and so does not close the device's own budget.
  for (let n = 0; n < 12; n += 1) {
    expect(await tryToSignIn(PASSWORD, own)).toBe('RateLimitedError');
  }
  const { token } = await askForReset(server, person.email);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
  // With the strangers' budget closed anew it is the devices' that lets the owner in.
  await guess(10);
  expect(await tryToSignIn(NEW_PASSWORD)).toBe('RateLimitedError');
  expect(await tryToSignIn(NEW_PASSWORD, own)).toBe('SignedIn');
});

test('RL-3: an owner on a new device whom guessing strangers keep out gets in with a reset, while they go on', async () => {
  await guess(10);
  expect(await tryToSignIn(PASSWORD)).toBe('RateLimitedError');
  const { code, resetToken } = await askForReset(server, person.email);
  const proof = { code: { email: person.email, code } };
  const input = { proof, resetToken, newPassword: NEW_PASSWORD };
  const { data } = await server.graphql(RESET, { input }, { address: randomAddress() });
  const { deviceToken } = data.resetPassword;
  // Before the new password is typed, strangers have closed the account's budget anew.
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

test('RL-3: a device’s try that was charged as a stranger’s and never judged costs neither anything', async () => {
  const [own = '', ...stolen] = await tokens(4);
  await closeDevices(stolen);
  const { rateLimiter } = server.app.deps;
  const client = { ipAddress: '192.0.2.7', userAgent: null, requestId: 'a request' };
  const charges = signInLimits(PRODUCTION_LIMITS, client, person.email, {
    id: 'another device',
    issuedAt: new Date(),
  });
  const sql = postgres(server.database.url, { max: 1 });
  const total = async () =>
    (await sql`select sum(tries)::int as n from rate_limit_counters`)[0]?.['n'];
  const before = await total();
  let asked = 0;
  const busy = async () => {
    asked += 1;
    throw new ServerBusyError(1);
  };
  for (let n = 0; n < 30; n += 1) {
    await expect(rateLimiter.attempt(charges, { client }, busy)).rejects.toThrow(ServerBusyError);
  }
  expect(asked).toBe(30);
  expect(await total()).toBe(before);
  await sql.end();
  expect(await tryToSignIn(PASSWORD, own)).toBe('SignedIn');
});
