import { expect, onTestFinished, test } from 'vitest';
import { LOGIN, PASSWORD, REFRESH, signUp } from '../support/journeys.ts';
import { callAs, challengeOf, enrollTotp, MFA, verify } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { CHANGE_PASSWORD, NEW_PASSWORD, REQUEST_RESET, RESET, typeOf } from './account-care.ts';

/** One connection, which every hash and every external lookup needs before it starts. */
async function startWithOne() {
  const outside: string[] = [];
  let server: TestServer | null = null;
  const needConnection = async (what: string) => {
    // If the hashing request held the connection, it would never become free: POOL_EXHAUSTED.
    await server?.app.deps.db.run({ text: 'select 1' });
    outside.push(what);
  };
  server = await startTestServer({
    env: { DATABASE_POOL_SIZE: '1', PASSWORD_BREACH_CHECK: 'true' },
    wrapHasher: (hasher) => ({
      ...hasher,
      hash: async (...args) => {
        await needConnection('hash');
        return await hasher.hash(...args);
      },
      verify: async (...args) => {
        await needConnection('verify');
        return await hasher.verify(...args);
      },
    }),
    breachCheck: async () => {
      await needConnection('breach check');
      return false;
    },
  });
  const { close } = server;
  onTestFinished(close);
  return { server, outside };
}

test('F-8: no request holds a connection while it hashes or asks an external service, and none needs two', async () => {
  const { server, outside } = await startWithOne();
  const during = async (act: () => Promise<string>, expected: string) => {
    outside.length = 0;
    expect(await act()).toBe(expected);
    return outside.toSorted();
  };
  const login = (email: string, password: string) => async () =>
    typeOf(await server.graphql(LOGIN, { input: { email, password } }));

  const person = await signUp(server);
  expect(outside).toContain('hash');
  const token = person.accessToken;
  expect(await during(login(person.email, PASSWORD), 'SignedIn')).toEqual(['verify']);
  expect(await during(login(person.email, 'wrong'), 'InvalidCredentialsError')).toEqual(['verify']);
  expect(await during(login('nobody@example.com', 'x'), 'InvalidCredentialsError')).toEqual([
    'verify',
  ]);
  const { refreshToken } = person;
  const refresh = async () => typeOf(await server.graphql(REFRESH, { input: { refreshToken } }));
  expect(await during(refresh, 'SignedIn')).toEqual([]);

  const enrolled = await enrollTotp(server, person);
  expect(outside).toContain('hash');
  const { challengeToken } = await challengeOf(server, person);
  const [backupCode = ''] = enrolled.backupCodes;
  const redeem = async () =>
    (await verify(server, challengeToken, 'BACKUP_CODE', backupCode)).__typename;
  expect(await during(redeem, 'SignedIn')).toEqual(['verify']);

  const reauthenticate = async () =>
    (await callAs(server, token, MFA.reauthenticate, { password: PASSWORD })).__typename;
  expect(await during(reauthenticate, 'SignedIn')).toEqual(['verify']);
  const change = async () => {
    const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    return (await callAs(server, token, CHANGE_PASSWORD, input)).__typename;
  };
  expect(await during(change, 'PasswordChanged')).toContain('breach check');

  const { email } = person;
  await server.graphql(REQUEST_RESET, { input: { email } });
  const mailed = await until(() =>
    server.mails.map(({ text }) => /reset-password\?token=([\w-]+)/.exec(text)?.[1]).find(Boolean),
  );
  const reset = async () =>
    typeOf(
      await server.graphql(RESET, { input: { proof: { token: mailed }, newPassword: PASSWORD } }),
    );
  expect(await during(reset, 'PasswordChanged')).toContain('breach check');
});
