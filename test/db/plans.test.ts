import { sql } from 'drizzle-orm';
import { beforeAll, expect, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { run } from '../../src/db/executor.ts';
import { SENT_QUEUES } from '../../src/mail/drain.ts';
import { claimMail } from '../../src/mail/store.ts';
import {
  findLiveByEmail,
  findLiveBySubject,
  findLiveByToken,
  spend,
  verifyStoredCode,
} from '../../src/proofs/one-time-token/store.ts';
import { endRegistrations, findRegistration, isAwaited } from '../../src/registration/store.ts';
import { purgesOf } from '../../src/retention/purges.ts';
import { evictSessions, insertSession } from '../../src/session/create-store.ts';
import { rotateSession } from '../../src/session/rotate-store.ts';
import {
  findLiveSession,
  hasLiveImpersonator,
  listLiveSessions,
  revokeSession,
} from '../../src/session/store.ts';
import { findUserByEmail } from '../../src/user/store.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';
import { plansOf as recordedPlansOf } from './plans.ts';
import { memoryLog } from './support.ts';

/**
 * With this many rows, the planner's cost of reading all rows is higher than the cost of any index scan. So the planner
 * chooses here what it chooses for a million rows. All settings of the planner have their defaults, as in production.
 */
const PEOPLE = 4_000;

let db: Database;

beforeAll(async () => {
  const database = await createTestDatabase();
  db = createDatabase({ url: database.url, poolSize: 2, log: memoryLog() });
  await queryDatabase(
    db,
    sql`
    insert into users (id, email, password_hash, created_at, updated_at)
    select gen_random_uuid(), 'person-' || n || '@example.com', 'none', now(), now()
    from generate_series(1, ${sql.raw(String(PEOPLE))}) n`,
  );
  await queryDatabase(
    db,
    sql`
    insert into registrations (id, email, password_hash, login_tag, token_hash, renewed_at,
      created_at, expires_at)
    select gen_random_uuid(), email, 'none', 'tag', sha256((email || n)::bytea), now(), now(),
      now() + interval '1 day' from users, generate_series(1, 3) as n`,
  );
  await queryDatabase(
    db,
    sql`
    insert into sessions (id, user_id, refresh_hash, refresh_salt, rotated_at, created_at, last_used_at,
      expires_at, absolute_expires_at, authenticated_at, methods, credential_version)
    select gen_random_uuid(), id, sha256(email::bytea), '\\x00', now(), now(), now(),
      now() + interval '1 day', now() + interval '1 day', now(), '{pwd}', 1
    from users, generate_series(1, 3)`,
  );
  await queryDatabase(
    db,
    sql`
    insert into one_time_tokens (id, purpose, email, token_hash, code_mac, budget_resets_at,
      created_at, expires_at, code_expires_at)
    select id, 'verify-email', email, sha256(email::bytea), 'mac', now(), now(),
      now() + interval '1 day', now() + interval '1 day' from users`,
  );
  await queryDatabase(
    db,
    sql`
    insert into mail_outbox (id, recipient, template, queue, created_at, expires_at, next_attempt_at, sent_at)
    select id, email, 'verify-email', 'anybody', now(), now() + interval '1 day', now(),
      case when random() < 0.95 then now() end from users`,
  );
  await queryDatabase(
    db,
    sql`
    insert into roles (name, created_at, updated_at)
    select 'role-' || n, now(), now() from generate_series(1, ${sql.raw(String(PEOPLE))}) n`,
  );
  await queryDatabase(
    db,
    sql`
    insert into user_roles (user_id, role, granted_at, user_created_at)
    select id, 'role-' || n, now(), created_at from users, generate_series(1, 2) n`,
  );
  await queryDatabase(db, sql`analyze`);
  return async () => {
    await closeDatabase(db);
    await database.drop();
  };
});

const plansOf = (call: () => Promise<unknown>) => recordedPlansOf(db, call);

const now = new Date();
const later = new Date(now.getTime() + 60_000);
const hash = Buffer.alloc(32, 1);

async function someone() {
  const [row] = await queryDatabase<{ id: string; user_id: string; email: string }>(
    db,
    sql`select s.id, user_id, email from sessions s join users u on u.id = user_id limit 1`,
  );
  if (!row) throw new Error('There is nobody.');
  return { sessionId: row.id, userId: row.user_id, email: row.email };
}

/** The roles that an access token names are read with the session. */
const ROLES_OF_ONE = ['roles by roles_pkey', 'user_roles by user_roles_user_id_role_pk'];
const BY_ID = [...ROLES_OF_ONE, 'sessions by sessions_pkey', 'users by users_pkey'].toSorted();

/** Both queries have the id of the session in their key, and also the id of the person. */
const BY_ID_OF_PERSON = /^sessions by sessions_(pkey|unrevoked_index)$/;

test('viewer finds its session and person by their ids', async () => {
  const wanted = { ...(await someone()), now };
  expect((await plansOf(() => run(db, findLiveSession(wanted)))).toSorted()).toEqual([
    expect.stringMatching(BY_ID_OF_PERSON),
    'users by users_pkey',
  ]);
});

test('IM-3: the administrator who acts in a session is found by ids', async () => {
  const { sessionId } = await someone();
  const plans = await plansOf(() => run(db, hasLiveImpersonator({ sessionId, now })));
  expect(plans.toSorted()).toEqual([
    ...ROLES_OF_ONE.slice(0, 1),
    'sessions by sessions_pkey',
    'sessions by sessions_pkey',
    ...ROLES_OF_ONE.slice(1),
    'users by users_pkey',
  ]);
});

test('a refresh finds its row by the id, and searches no hash in an index', async () => {
  const rotation = { ...(await someone()), presented: hash, derivation: hash, now };
  const plans = await plansOf(() =>
    run(
      db,
      rotateSession({
        ...rotation,
        isDatabaseTime: true,
        expiresAt: later,
        replayableSince: now,
      }),
    ),
  );
  expect(plans.toSorted()).toEqual(BY_ID);
});

test('a sign-in finds the account by its address and a registration by its token', async () => {
  const { email } = await someone();
  expect(await plansOf(() => run(db, findUserByEmail(email)))).toEqual([
    'users by users_email_prefix_index',
  ]);
  const tokenHash = hash;
  expect(await plansOf(() => run(db, findRegistration({ tokenHash, now })))).toEqual([
    'registrations by registrations_token_hash_unique',
  ]);
  const byEmail = await plansOf(() => run(db, isAwaited({ email, now })));
  expect(byEmail).toEqual(['registrations by registrations_email_index']);
  const ended = await plansOf(() => run(db, endRegistrations({ email, now })));
  expect(ended).toEqual(['registrations by registrations_email_index']);
});

test('a new session reads its person by id, and the eviction reads only that person’s sessions', async () => {
  const { userId } = await someone();
  const [session] = await run(db, listLiveSessions({ userId, before: null, limit: 1, now }));
  if (!session) throw new Error('There is no session.');
  const fresh = { ...session, id: '0199a0a0-0000-7000-8000-000000000009' };
  expect((await plansOf(() => run(db, insertSession(fresh)))).toSorted()).toEqual([
    ...ROLES_OF_ONE,
    'users by users_pkey',
  ]);
  const evicted = await plansOf(() =>
    run(db, evictSessions({ userId, created: fresh.id, keep: 50, now })),
  );
  expect(evicted.filter((plan) => !/ by sessions_\w*(index|pkey)$/.test(plan))).toEqual([]);
});

test('a session is ended by its id, and listed by its person', async () => {
  const { sessionId, userId } = await someone();
  const revocation = { sessionId, userId, now, because: 'signed-out' } as const;
  expect(await plansOf(() => run(db, revokeSession(revocation)))).toEqual([
    expect.stringMatching(BY_ID_OF_PERSON),
  ]);
  const page = { userId, before: null, limit: 20, now };
  expect((await plansOf(() => run(db, listLiveSessions(page)))).toSorted()).toEqual([
    ...ROLES_OF_ONE.slice(0, 1),
    // The session of an administrator who acts as the person, read only if there is one.
    'sessions by sessions_pkey',
    expect.stringMatching(/^sessions by sessions_(user_id|unrevoked)_index$/),
    ...ROLES_OF_ONE.slice(1),
    'users by users_pkey',
    'users by users_pkey',
  ]);
});

test('a mail proof is found by its token, its subject or its address, and used by its id', async () => {
  const purpose = 'verify-email';
  const holder = null;
  const { email, sessionId: id } = await someone();
  const byToken = await plansOf(() =>
    run(db, findLiveByToken({ purpose, tokenHash: hash, holder, now })),
  );
  expect(byToken).toEqual(['one_time_tokens by one_time_tokens_token_hash_unique']);
  const bySubject = await plansOf(() =>
    run(db, findLiveBySubject({ purpose, subject: 'a hash', now })),
  );
  expect(bySubject).toEqual(['one_time_tokens by one_time_tokens_subject_index']);
  const byEmail = await plansOf(() => run(db, findLiveByEmail({ purpose, email, holder, now })));
  expect(byEmail).toEqual(['one_time_tokens by one_time_tokens_email_purpose_subject_unique']);
  const byId = ['one_time_tokens by one_time_tokens_pkey'];
  expect(
    await plansOf(() => run(db, verifyStoredCode({ id, purpose, codeMacs: [hash], now }))),
  ).toEqual(byId);
  expect(await plansOf(() => run(db, spend({ id, purpose, now })))).toEqual(byId);
});

test('the outbox claims the oldest mail without reading sent mails', async () => {
  const plans = await plansOf(() =>
    run(db, claimMail({ queues: SENT_QUEUES, now: later, until: later })),
  );
  // One scan for each queue. The second queue is read only if the first has no mail.
  expect(plans.toSorted()).toEqual([
    'mail_outbox by mail_outbox_pending_index',
    'mail_outbox by mail_outbox_pending_index',
    'mail_outbox by mail_outbox_pkey',
  ]);
});

test('a purge reads a page of a table and removes rows from it by the primary key', async () => {
  const purges = purgesOf({ auditRetention: 0 });
  const tomorrow = new Date(now.getTime() + 24 * 3_600_000);
  for (const table of ['sessions', 'one_time_tokens', 'registrations', 'mail_outbox']) {
    const purge = purges.find((one) => one.table === table);
    for (const behind of [null, '0199a0a0-0000-7000-8000-000000000009']) {
      const page = { now: tomorrow, behind, limit: 100 };
      const plans = await plansOf(async () => await purge?.page(db, page));
      const reads = plans.filter((plan) => plan.startsWith(table));
      expect(new Set(reads), table).toEqual(new Set([`${table} by ${table}_pkey`]));
    }
  }
});

test('a rotation changes no indexed column and finds room on its page, so the update is heap-only', async () => {
  const indexed = await queryDatabase<{ column: string }>(
    db,
    sql`
    select distinct attname as column from pg_index
    join pg_attribute on attrelid = indrelid and attnum = any(indkey)
    where indrelid = 'sessions'::regclass order by 1`,
  );
  expect(indexed.map(({ column }) => column)).toEqual(['id', 'impersonator_id', 'user_id']);
  const [options] = await queryDatabase<{ options: string[] }>(
    db,
    sql`select reloptions as options from pg_class where oid = 'sessions'::regclass`,
  );
  expect(options?.options).toContain('fillfactor=85');
});
