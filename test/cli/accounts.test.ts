import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountsDisableCommand, accountsEnableCommand } from '../../src/cli/accounts.ts';
import { runCommand } from '../../src/cli/run.ts';
import { askForReset, isSignedIn, NEW_PASSWORD, RESET, typeOf } from '../journeys/account-care.ts';
import { LOGIN, type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { challengeOf, enrolTotp, verify } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function latchkey(line: string) {
  const lines: string[] = [];
  const { config } = server.app.deps;
  const commands = [accountsDisableCommand, accountsEnableCommand];
  const code = await runCommand(commands, line.split(' '), {
    out: (text) => void lines.push(text),
    err: (text) => void lines.push(text),
    ask: async () => null,
    environment: () => ({}),
    config: () => config,
  });
  return { code, lines };
}

const logIn = ({ email }: Person, password: string) =>
  server.graphql(LOGIN, { input: { email, password } });

test('a closed account ends its sessions and reads as a wrong password, until it is opened again', async () => {
  const person = await signUp(server);
  const bystander = await signUp(server);
  const closed = await latchkey(`accounts disable ${person.email.toUpperCase()}`);
  expect(closed).toEqual({ code: 0, lines: ['disabled; 1 sessions ended.'] });
  expect(await isSignedIn(server, person)).toBe(false);
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  expect(await isSignedIn(server, bystander)).toBe(true);
  const right = await logIn(person, person.password);
  const wrong = await logIn(person, 'not the password at all');
  expect(typeOf(right)).toBe('InvalidCredentialsError');
  expect(right.text).toBe(wrong.text);

  expect((await latchkey(`accounts disable ${person.email}`)).code).toBe(1);
  expect(await latchkey(`accounts enable ${person.email}`)).toEqual({
    code: 0,
    lines: ['enabled.'],
  });
  expect(typeOf(await logIn(person, person.password))).toBe('SignedIn');
  expect((await refresh(server, person.refreshToken)).__typename).toBe('InvalidTokenError');
  expect((await latchkey(`accounts enable ${person.email}`)).code).toBe(1);
  const rows = await server.app.deps.db.execute(
    `select type from audit_events where user_id = '${person.userId}' and type like 'ACCOUNT%' order by id`,
  );
  expect([...rows]).toEqual([{ type: 'ACCOUNT_DISABLED' }, { type: 'ACCOUNT_ENABLED' }]);
});

test('what was under way when it was closed opens nothing: a reset, a second factor', async () => {
  const person = await enrolTotp(server, await signIn(server, await signUp(server)));
  const { token } = await askForReset(server, person.email);
  const { challengeToken } = await challengeOf(server, person);
  expect((await latchkey(`accounts disable ${person.email}`)).code).toBe(0);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('InvalidTokenError');
  const code = person.backupCodes[0] ?? '';
  const late = await verify(server, challengeToken, 'BACKUP_CODE', code);
  expect(late.__typename).toBe('ChallengeExpiredError');
});

test('of nobody there is nothing to close or to open', async () => {
  expect((await latchkey('accounts disable nobody@example.com')).code).toBe(1);
  expect((await latchkey('accounts enable nobody@example.com')).code).toBe(1);
  expect((await latchkey('accounts disable')).code).toBe(2);
  expect((await latchkey('accounts enable a@example.com b@example.com')).code).toBe(2);
});
