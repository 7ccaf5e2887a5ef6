import { expect } from 'vitest';
import { askForReset, isSignedIn, NEW_PASSWORD, RESET, typeOf } from '../journeys/account-care.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { rowsOf, latchkey as run } from '../support/latchkey.ts';
import { queryDatabase } from '../support/query-database.ts';
import { challengeOf, enrollTotp, verify } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const latchkey = (server: TestServer, line: string) => {
  const words = line.includes('disable') ? `${line} --yes` : line;
  return run(words, { config: server.app.deps.config });
};

const logIn = (server: TestServer, { email }: Person, password: string) =>
  server.graphql(LOGIN, { input: { email, password } });

test('accounts disable ends all sessions and makes every sign-in look like a wrong password, until accounts enable', async ({
  server,
}) => {
  const person = await signUp(server);
  const bystander = await signUp(server);
  const closed = await latchkey(server, `accounts disable ${person.email.toUpperCase()}`);
  expect(closed).toMatchObject({
    code: 0,
    out: [`${person.email} is disabled; 1 session ended.`],
  });
  expect(await isSignedIn(server, person)).toBe(false);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  expect(await isSignedIn(server, bystander)).toBe(true);
  const right = await logIn(server, person, person.password);
  const wrong = await logIn(server, person, 'not the password at all');
  expect(typeOf(right)).toBe('InvalidCredentialsError');
  expect(right.text).toBe(wrong.text);

  expect(await latchkey(server, `accounts enable ${person.email}`)).toMatchObject({
    code: 0,
    out: [`${person.email} is enabled.`],
  });
  expect(typeOf(await logIn(server, person, person.password))).toBe('SignedIn');
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
});

test('P-13: a command whose work is already done succeeds, says so and writes no second audit event', async ({
  server,
}) => {
  const { email, userId } = await signUp(server);
  for (const verb of ['disable', 'enable']) {
    expect((await latchkey(server, `accounts ${verb} ${email}`)).code).toBe(0);
    expect(await latchkey(server, `accounts ${verb} ${email}`)).toMatchObject({
      code: 0,
      out: [`${email} was already ${verb}d. Nothing was changed.`],
      err: [],
    });
    const again = await latchkey(server, `accounts ${verb} ${email} --json`);
    expect(rowsOf(again)).toMatchObject([{ email, state: `${verb}d`, changed: false }]);
  }
  const rows = await queryDatabase(
    server.app.deps.db,
    `select type from audit_events where user_id = '${userId}' and type in ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED') order by id`,
  );
  expect([...rows]).toEqual([{ type: 'ACCOUNT_DISABLED' }, { type: 'ACCOUNT_ENABLED' }]);
});

test('a reset or a second factor that was under way does not open a disabled account', async ({
  server,
}) => {
  const person = await enrollTotp(server, await signIn(server, await signUp(server)));
  const { token } = await askForReset(server, person.email);
  const { challengeToken } = await challengeOf(server, person);
  expect((await latchkey(server, `accounts disable ${person.email}`)).code).toBe(0);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('InvalidTokenError');
  const code = person.backupCodes[0] ?? '';
  const late = await verify(server, challengeToken, 'BACKUP_CODE', code);
  expect(late.__typename).toBe('ChallengeExpiredError');
});

test('P-13: a misspelled address is reported as an unknown account, also with --dry-run', async ({
  server,
}) => {
  const lines = ['accounts disable', 'accounts enable', 'factors remove'];
  for (const line of [...lines, 'accounts disable --dry-run', 'factors remove --dry-run']) {
    const config = server.app.deps.config;
    expect(await run(`${line} nobody@example.com`, { config })).toMatchObject({
      code: 5,
      out: [],
      err: ['There is no account with this address.'],
    });
  }
  expect((await latchkey(server, 'accounts disable')).code).toBe(2);
  expect((await latchkey(server, 'accounts enable a@example.com b@example.com')).code).toBe(2);
});
