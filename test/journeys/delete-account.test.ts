import { expect } from 'vitest';
import { run } from '../../src/db/executor.ts';
import { deleteAccount } from '../../src/journeys/account/delete-account.ts';
import { MINUTE } from '../../src/kernel/duration.ts';
import { NotAuthenticatedError } from '../../src/kernel/errors.ts';
import type { Mail, Mailer } from '../../src/kernel/ports.ts';
import { MailServerUnavailableError } from '../../src/mail/errors.ts';
import { findLiveSession } from '../../src/session/store.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, type Person, REGISTER, refresh, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import {
  askForReset,
  CONFIRM_EMAIL_CHANGE,
  DELETE_ACCOUNT,
  isSignedIn,
  mailTitled,
  NEW_PASSWORD,
  REQUEST_EMAIL_CHANGE,
  RESET,
  TITLES,
  typeOf,
  UPDATE_PROFILE,
} from './account-care.ts';

const clock = createFakeClock();

const test = testWithServer({ clock });

const remove = (server: TestServer, person: Person) =>
  server.graphql(DELETE_ACCOUNT, undefined, { token: person.accessToken });

/** Every row of every table that contains one of these texts anywhere. */
async function tracesOf(server: TestServer, texts: readonly string[]): Promise<string[]> {
  const { db } = server.app.deps;
  const tables = await queryDatabase<{ name: string }>(
    db,
    `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  expect(tables.length).toBeGreaterThan(5);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await queryDatabase<{ row: string }>(
      db,
      `select row_to_json(t)::text as row from "${name}" t`,
    );
    for (const { row } of rows) {
      if (texts.some((text) => row.includes(text))) found.push(`${name} ${row}`);
    }
  }
  return found;
}

test('DR-5: one transaction removes all personal data, and the audit log keeps the events', async ({
  server,
}) => {
  const address = '198.51.100.23';
  const person = await signUp(server);
  const headers = { 'user-agent': 'Marked-Agent/1.0' };
  const second = await server.graphql(
    LOGIN,
    { input: { email: person.email, password: person.password } },
    { address, headers },
  );
  const options = { token: person.accessToken, address, headers };
  await server.graphql(UPDATE_PROFILE, { input: { name: 'Ada Traceable' } }, options);
  const movedTo = 'traceable@example.com';
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail: movedTo } }, options);
  const proof = { token: (await mailTitled(server, movedTo, TITLES.confirmChange)).token };
  await server.graphql(CONFIRM_EMAIL_CHANGE, { input: { proof } }, options);
  await askForReset(server, movedTo);
  const next = 'traceable-next@example.com';
  await server.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail: next } }, options);
  await server.graphql(REGISTER, { input: { email: movedTo, password: person.password } });
  await mailTitled(server, next, TITLES.confirmChange);

  const personal = [
    ...[person.userId, person.sessionId, person.email, movedTo, next, 'Ada Traceable'],
    ...[address, 'Marked-Agent/1.0'],
  ];
  expect((await tracesOf(server, personal)).length).toBeGreaterThan(10);
  const { db } = server.app.deps;
  const acts = await queryDatabase(
    db,
    `select 1 from audit_events where user_id = '${person.userId}'`,
  );

  const deleted = await remove(server, person);
  expect(deleted.data.deleteAccount.__typename).toBe('AccountDeleted');
  await mailTitled(server, movedTo, TITLES.deleted);
  await until(
    async () =>
      (await queryDatabase(db, 'select 1 from mail_outbox where sent_at is null')).length === 0,
  );

  const traces = await tracesOf(server, personal);
  // The pseudonymous id until no operation can write about it any more (test/audit/retention.test.ts), and the
  // farewell mail.
  expect(traces.map((trace) => trace.split(' ')[0])).toEqual(['audit_erasures', 'mail_outbox']);
  expect(traces[1]).toContain('account-deleted');
  const [last] = await queryDatabase<{ user_id: string }>(
    db,
    "select user_id from audit_events where type = 'ACCOUNT_DELETED'",
  );
  const kept = await queryDatabase(
    db,
    `select ip_address, user_agent, session_id from audit_events where user_id = '${last?.user_id}'`,
  );
  expect(kept).toHaveLength(acts.length + 1);
  expect(kept.every((row) => Object.values(row).every((value) => value === null))).toBe(true);

  for (const session of [person, second.data.login]) {
    expect(await isSignedIn(server, session)).toBe(false);
    expect((await refresh(server, session.refreshToken)).__typename).toBe('InvalidTokenError');
  }
  const login = { input: { email: movedTo, password: person.password } };
  expect(typeOf(await server.graphql(LOGIN, login))).toBe('InvalidCredentialsError');
  await signUp(server, { email: movedTo });
});

test('PR-7: deletion removes mails about the account from an address that the account had only requested', async () => {
  const away = { send: () => Promise.reject(new MailServerUnavailableError('ECONNREFUSED')) };
  let mailer: Pick<Mailer, 'send'> | null = null;
  const mails: Mail[] = [];
  const own = await startTestServer({
    mails,
    mailer: {
      send: async (mail) => (mailer ? mailer.send(mail) : void mails.push(mail)),
      close: () => undefined,
    },
  });
  try {
    const [victim, other] = [await signUp(own), await signUp(own)];
    const ask = (person: Person, newEmail: string) =>
      own.graphql(REQUEST_EMAIL_CHANGE, { input: { newEmail } }, { token: person.accessToken });
    await ask(other, victim.email);
    await ask(victim, 'taken-away@example.com');
    const proof = {
      token: (await mailTitled(own, 'taken-away@example.com', TITLES.confirmChange)).token,
    };
    await until(() =>
      mails.some(({ to, subject }) => to === victim.email && subject === TITLES.changeRequested),
    );
    mailer = away;
    const token = victim.accessToken;
    const changed = await own.graphql(CONFIRM_EMAIL_CHANGE, { input: { proof } }, { token });
    expect(changed.data.confirmEmailChange.__typename).toBe('EmailChanged');
    const gone = await own.graphql(DELETE_ACCOUNT, undefined, { token: other.accessToken });
    expect(typeOf(gone)).toBe('AccountDeleted');
    mailer = null;
    const notice = await mailTitled(own, victim.email, TITLES.changed);
    expect(notice.token).not.toBe('');
  } finally {
    await own.close();
  }
});

test('SE-6: a session with an old authentication must reauthenticate first', async ({ server }) => {
  const person = await signUp(server);
  clock.advance(11 * MINUTE);
  expect(typeOf(await remove(server, person))).toBe('StepUpRequiredError');
  await signIn(server, person);
});

test('SE-2: a sign-in that races the deletion leaves nothing behind', async ({ server }) => {
  for (let trial = 0; trial < 10; trial += 1) {
    const person = await signUp(server);
    const input = { email: person.email, password: person.password };
    const [, login] = await Promise.all([remove(server, person), server.graphql(LOGIN, { input })]);
    expect(['SignedIn', 'InvalidCredentialsError']).toContain(typeOf(login));
    const { db } = server.app.deps;
    const left = await queryDatabase(
      db,
      `select 1 from sessions where user_id = '${person.userId}'`,
    );
    expect(left).toHaveLength(0);
  }
});

test('RR-4: of a reset and a deletion by the session that it ends, exactly one happens, in 20 trials', async ({
  server,
}) => {
  const won = { reset: 0, deletion: 0 };
  for (let trial = 0; trial < 20; trial += 1) {
    const person = await signUp(server);
    const { token } = await askForReset(server, person.email);
    const input = { proof: { token }, newPassword: NEW_PASSWORD };
    // The deletion starts before the reset, while it is hashing or committing, or after it.
    const early = trial % 2 === 1 ? remove(server, person) : null;
    const reset = server.graphql(RESET, { input });
    for (let n = 0; !early && n < trial * 5; n += 1) await isSignedIn(server, person);
    const deletion = early ?? remove(server, person);
    const outcomes = [typeOf(await deletion), typeOf(await reset)].join();
    if (outcomes === 'AccountDeleted,InvalidTokenError') won.deletion += 1;
    else if (outcomes === 'NotAuthenticatedError,PasswordChanged') won.reset += 1;
    else expect.fail(outcomes);
  }
  expect(won.reset).toBeGreaterThan(0);
  expect(won.deletion).toBeGreaterThan(0);
}, 60_000);

test('RR-4: a deletion that was authorized before the reset committed deletes nothing', async ({
  server,
}) => {
  const { deps } = server.app;
  const person = await signUp(server);
  const wanted = { sessionId: person.sessionId, userId: person.userId, now: clock.now() };
  const viewer = await run(deps.db, findLiveSession(wanted));
  if (!viewer) throw new Error('Nobody is signed in.');
  const { token } = await askForReset(server, person.email);
  const input = { proof: { token }, newPassword: NEW_PASSWORD };
  expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
  await expect(deleteAccount(deps, viewer)).rejects.toThrow(NotAuthenticatedError);
  await signIn(server, { ...person, password: NEW_PASSWORD });
});
