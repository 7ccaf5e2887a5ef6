import { type SQL, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { showLimits } from '../../src/account/limits.ts';
import { transaction } from '../../src/db/transaction.ts';
import { testWithServer } from '../support/fixture.ts';
import { LOGIN, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { Answer } from '../support/server.ts';
import { until } from '../support/until.ts';

const test = testWithServer();

/** Changes of an account that are committed while a sign-in, whose password was right, waits for the account. */
const CHANGES: readonly (readonly [string, (userId: string) => readonly SQL[]])[] = [
  [
    'credentials',
    (userId) => [
      sql`update users set credential_version = credential_version + 1 where id = ${userId}`,
    ],
  ],
  [
    'second-factor',
    (userId) => [
      sql`insert into email_factors (user_id, confirmed_at) values (${userId}, now())`,
      sql`update users set credential_version = credential_version + 1 where id = ${userId}`,
    ],
  ],
  ['disabled', (userId) => [sql`update users set disabled_at = now() where id = ${userId}`]],
];

test.for(CHANGES)(
  'SE-2, MF-5, RL-2: a sign-in whose account changes after the password was verified leaves no session, and its attempt stays counted (%s)',
  async ([name, change], { server }) => {
    const { db } = server.app.deps;
    const { email, password, userId } = await signUp(server, { email: `${name}@example.com` });
    const sessions = () =>
      queryDatabase(db, sql`select id from sessions where user_id = ${userId} order by id`);
    const isWaiting = sql`select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
    const before = await sessions();
    const login = await transaction(db, async (tx) => {
      await queryDatabase(tx, sql`select from users where id = ${userId} for no key update`);
      const started = server.graphql(LOGIN, { input: { email, password } });
      await until(async () => (await queryDatabase(db, isWaiting)).length > 0, 2_000);
      for (const statement of change(userId)) await queryDatabase(tx, statement);
      // Not the promise itself: the sign-in goes on only after the commit.
      return { started };
    });
    const { data }: Answer = await login.started;
    expect(data.login.__typename).toBe('InvalidCredentialsError');
    expect(await sessions()).toEqual(before);
    const limits = await showLimits(server.app.deps, { kind: 'address', email });
    expect(limits).toContainEqual(expect.objectContaining({ limit: 'sign-in.account', tries: 1 }));
    // Only the sign-in of the registration succeeded.
    expect(limits).toContainEqual(expect.objectContaining({ limit: 'sign-ins.account', tries: 1 }));
    const [event] = await queryDatabase(
      db,
      sql`select type, detail from audit_events where user_id = ${userId} order by id desc limit 1`,
    );
    expect(event).toEqual({ type: 'SIGN_IN_FAILED', detail: { reason: 'credentials-changed' } });
  },
);
