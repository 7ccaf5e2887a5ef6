import { expect } from 'vitest';
import { askForReset, isSignedIn, NEW_PASSWORD, RESET, typeOf } from '../journeys/account-care.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { rowsOf, latchkey as run } from '../support/latchkey.ts';
import { challengeOf, enrollTotp, verify } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const latchkey = (server: TestServer, line: string) => {
  const words = line.includes('disable') ? `${line} --yes` : line;
  return run(words, { config: server.app.deps.config });
};

const logIn = (server: TestServer, { email }: Person, password: string) =>
  server.graphql(LOGIN, { input: { email, password } });

test('a disabled account ends its sessions and reads as a wrong password, until it is enabled again', async ({
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

test('P-13: what is done already succeeds, says so, and leaves no second row', async ({
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
  const rows = await server.app.deps.db.execute(
    `select type from audit_events where user_id = '${userId}' and type like 'ACCOUNT%' order by id`,
  );
  expect([...rows]).toEqual([{ type: 'ACCOUNT_DISABLED' }, { type: 'ACCOUNT_ENABLED' }]);
});

test('what was under way when it was disabled opens nothing: a reset, a second factor', async ({
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

test('P-13: a typing error says that there is no such account, with --dry-run as well', async ({
  server,
}) => {
  const lines = ['accounts disable', 'accounts enable', 'factors remove'];
  for (const line of [...lines, 'accounts disable --dry-run', 'factors remove --dry-run']) {
    const config = server.app.deps.config;
    expect(await run(`${line} nobody@example.com`, { config })).toMatchObject({
      code: 1,
      out: [],
      err: ['There is no account with this address.'],
    });
  }
  expect((await latchkey(server, 'accounts disable')).code).toBe(2);
  expect((await latchkey(server, 'accounts enable a@example.com b@example.com')).code).toBe(2);
});
