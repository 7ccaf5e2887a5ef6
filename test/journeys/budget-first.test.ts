import { beforeEach, expect } from 'vitest';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, REGISTER, signUp } from '../support/journeys.ts';
import { CHANGE_PASSWORD, NEW_PASSWORD, typeOf } from './account-care.ts';

// RL-13, RL-12: an external service is asked about a password only after the attempt was counted.
const asked: string[] = [];

const test = testWithServer({
  clock: createFakeClock(),
  env: { PASSWORD_BREACH_CHECK: 'true' },
  breachCheck: async (password) => {
    asked.push(password);
    return password === NEW_PASSWORD;
  },
});

beforeEach(() => {
  asked.length = 0;
});

test('RL-13: a source whose registration limit is exhausted causes no request to the breach list', async ({
  server,
}) => {
  const register = (n: number, password: string) =>
    server.graphql(
      REGISTER,
      { input: { email: `listed-${n}@example.com`, password } },
      { address: '203.0.113.40' },
    );
  const outcomes: string[] = [];
  for (let n = 0; n < 15; n += 1) outcomes.push(typeOf(await register(n, NEW_PASSWORD)));
  expect(outcomes.filter((one) => one === 'WeakPasswordError')).toHaveLength(10);
  expect(outcomes.at(-1)).toBe('RateLimitedError');
  expect(asked).toHaveLength(10);
});

test('PW-9: a password that the server rejects by itself causes no request to the breach list and no registration', async ({
  server,
}) => {
  const from = { address: '203.0.113.41' };
  const register = (password: string) =>
    server.graphql(REGISTER, { input: { email: 'plain@example.com', password } }, from);
  for (let n = 0; n < 12; n += 1) expect(typeOf(await register('short'))).toBe('WeakPasswordError');
  expect(asked).toEqual([]);
  expect(typeOf(await register(PASSWORD))).toBe('EmailVerificationRequired');
});

test('SE-6: an exhausted limit or a wrong current password causes no request to the breach list', async ({
  server,
}) => {
  const person = await signUp(server);
  asked.length = 0;
  const change = (currentPassword: string) =>
    server.graphql(
      CHANGE_PASSWORD,
      { input: { currentPassword, newPassword: NEW_PASSWORD } },
      { token: person.accessToken },
    );
  for (let n = 0; n < 10; n += 1) {
    expect(typeOf(await change('not the password'))).toBe('InvalidCredentialsError');
  }
  expect(typeOf(await change(PASSWORD))).toBe('RateLimitedError');
  expect(asked).toEqual([]);
});
