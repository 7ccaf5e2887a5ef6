import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  countMails,
  isSignedIn,
  mailTitled,
  TITLES,
  typeOf,
  UNDO_SECURITY_CHANGE,
} from '../journeys/account-care.ts';
import { testWithProviders } from '../support/fixture.ts';
import { refresh, signIn, signUp } from '../support/journeys.ts';
import { latchkey, rowsOf } from '../support/latchkey.ts';
import { begin, complete, countRows } from '../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../support/provider.ts';
import { queryDatabase } from '../support/query-database.ts';
import { challengeOf, enrollTotp, mailCount, verify } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

let provider: ForgingProvider;

const test = testWithProviders(() => [provider.setting()]);
beforeAll(async () => {
  provider = await startForgingProvider();
});
afterAll(async () => {
  await provider.close();
});

const endAll = (server: TestServer, more: readonly string[] = []) =>
  latchkey(['sessions', 'end-all', ...more], {
    config: server.app.deps.config,
    env: { USER: 'grace' },
  });

test('O-14: sessions end-all ends every session and every pending sign-in, mails nobody, and everyone can sign in again', async ({
  server,
}) => {
  const people = [await signUp(server), await signUp(server), await signUp(server)];
  const person = await enrollTotp(server, await signUp(server));
  const { challengeToken } = await challengeOf(server, person);
  const flow = await begin(server);
  const callbackUrl = await provider.visit(flow.authorizationUrl);
  const undo = await mailTitled(server, person.email, TITLES.factorAdded);
  await mailCount(server, person.email);
  const mailed = server.mails.length;
  expect((await countRows(server)).sessions).toBe(4);

  expect(await endAll(server, ['--dry-run'])).toMatchObject({
    code: 0,
    out: ['Would end 4 sessions. Nothing was changed.'],
  });
  expect((await countRows(server)).sessions).toBe(4);
  expect(rowsOf(await endAll(server, ['--yes', '--json']))).toEqual([
    { sessionsEnded: 4, isComplete: true },
  ]);

  for (const one of [...people, person]) {
    expect(await isSignedIn(server, one)).toBe(false);
    expect((await refresh(server, one.refreshToken)).__typename).toBe('InvalidTokenError');
  }
  const [backupCode = ''] = person.backupCodes;
  expect((await verify(server, challengeToken, 'BACKUP_CODE', backupCode)).__typename).toBe(
    'ChallengeExpiredError',
  );
  const { flowToken } = flow;
  expect((await complete(server, { flowToken, callbackUrl })).__typename).not.toBe('SignedIn');
  const events = await queryDatabase(
    server.app.deps.db,
    sql`select type, user_id, detail from audit_events where type in ('ALL_SESSIONS_ENDED', 'REFRESH_TOKEN_REUSED')`,
  );
  expect([...events]).toEqual([
    {
      type: 'ALL_SESSIONS_ENDED',
      user_id: null,
      detail: { sessions: 4, by: 'operator', operator: 'grace' },
    },
  ]);
  await mailCount(server, person.email);
  expect(server.mails.length).toBe(mailed);
  expect(countMails(server, person.email, TITLES.reuse)).toBe(0);
  const [first] = people;
  if (first) expect(await isSignedIn(server, await signIn(server, first))).toBe(true);
  // What takes a thief's change away again is not the session's.
  const undone = await server.graphql(UNDO_SECURITY_CHANGE, { input: { token: undo.token } });
  expect(typeOf(undone)).toBe('SecurityChangeUndone');
});

test('O-14: sessions end-all names the owner to a role that may not empty tables, and ends nothing', async ({
  server,
}) => {
  const person = await signUp(server);
  const role = `server_of_${process.pid}`;
  const { db, config } = server.app.deps;
  await queryDatabase(db, sql.raw(`create role ${role} login password 'a-password'`));
  await queryDatabase(
    db,
    sql.raw(`grant select, insert, update, delete on all tables in schema public to ${role}`),
  );
  const url = new URL(config.databaseUrl);
  url.username = role;
  url.password = 'a-password';
  for (const more of [['--yes'], ['--dry-run']]) {
    const ended = await latchkey(['sessions', 'end-all', ...more], {
      config: { ...config, databaseUrl: url.href },
    });
    expect(ended.code).toBe(1);
    expect(ended.err.join(' ')).toContain('run the command as their owner');
  }
  expect(await isSignedIn(server, person)).toBe(true);
  await queryDatabase(db, sql.raw(`drop owned by ${role}`));
  await queryDatabase(db, sql.raw(`drop role ${role}`));
});
