import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { closeDatabase, createDatabase } from '../src/db/driver/client.ts';
import type { Database } from '../src/db/executor.ts';
import { run } from '../src/db/executor.ts';
import { newId } from '../src/kernel/id.ts';
import { claimMail } from '../src/mail/store.ts';
import { findLiveByToken } from '../src/proofs/one-time-token/store.ts';
import { insertSession } from '../src/session/create-store.ts';
import { rotateSession } from '../src/session/rotate-store.ts';
import { findLiveSession } from '../src/session/store.ts';
import { findUserByEmail } from '../src/user/store.ts';
import { SILENT } from '../test/support/silent-log.ts';
import { migrate } from './contenders/latchkey.ts';
import { startBenchPostgres, withDatabase } from './lib/database.ts';
import { stepAside } from './lib/machine.ts';
import { emailOf } from './lib/seed.ts';
import { summarize } from './lib/statistics.ts';
import { digits, renderTable } from './lib/table.ts';

/**
 * Measures how the hot statements change with a thousand times the people: their p50 with 1,000 users and with
 * 1,000,000, each with 3 sessions; sizes; how many rotations stay heap-only.
 * `node bench/growth.ts [--users 1000000] [--fillfactor 80] [--buffers 3GB]`
 *
 * Postgres' own cache holds the larger database, as the sizing guide asks for. With a smaller cache, the
 * figures include fetching pages from the system's cache.
 */

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    fillfactor: { type: 'string' },
    buffers: { type: 'string', default: '3GB' },
  },
});
const SIZES = [1_000, Number(values.users)];
const SESSIONS_EACH = 3;
const CALLS = 4_000;
const TURNS = 20;
const ROTATIONS = 10_000;
const DAY = 86_400_000;

const clock = { now: () => new Date() };
const random = { bytes: (length: number) => randomBytes(length) };

/** Random rows: with many people, the next row is seldom the last one. */
type Sample = { readonly id: string; readonly userId: string; hash: Buffer };

/** Fills each table with one statement. The rows are as the server would write them, ids in order of time. */
async function generate(sql: postgres.Sql, users: number): Promise<void> {
  await sql`
    insert into users (id, email, email_verified_at, password_hash, created_at, updated_at)
    select uuidv7(), 'person-' || n || '@bench.example', now(),
      '$argon2id$v=19$m=19456,t=2,p=1$' || repeat('s', 22) || '$' || repeat('h', 43), now(), now()
    from generate_series(1, ${users}::int) n`;
  await sql`
    insert into sessions (id, user_id, refresh_hash, previous_refresh_hash, refresh_salt, rotated_at, created_at,
      last_used_at, expires_at, absolute_expires_at, authenticated_at, methods, credential_version,
      ip_address, user_agent)
    select uuidv7(), id, sha256(id::text::bytea), sha256(email::bytea), uuid_send(gen_random_uuid()), now(), now(), now(),
      now() + interval '7 days', now() + interval '30 days', now(), '{pwd}', 1, '192.0.2.7',
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    from generate_series(1, ${SESSIONS_EACH}::int), users`;
  await sql`vacuum (analyze) users`;
  await sql`vacuum (analyze) sessions`;
}

async function sampleSessions(sql: postgres.Sql, count: number): Promise<Sample[]> {
  const rows = await sql`
    select id, user_id, refresh_hash from sessions order by md5(id::text || 'sample') limit ${count}`;
  return rows.map((row) => ({ id: row['id'], userId: row['user_id'], hash: row['refresh_hash'] }));
}

function operations(db: Database, samples: readonly Sample[], users: number) {
  const pick = () => samples[Math.floor(Math.random() * samples.length)] ?? samples[0];
  const rotate = async () => {
    const session = pick();
    if (!session) throw new Error('There is no session.');
    const now = clock.now();
    const rotated = await run(
      db,
      rotateSession({
        sessionId: session.id,
        presented: session.hash,
        derivation: randomBytes(32),
        now,
        isDatabaseTime: true,
        expiresAt: new Date(now.getTime() + 7 * DAY),
        replayableSince: now,
      }),
    );
    if (!rotated) throw new Error('A chain broke.');
    session.hash = rotated.session.refreshHash;
  };
  const find = () => {
    const { id: sessionId = '', userId = '' } = pick() ?? {};
    return run(db, findLiveSession({ sessionId, userId, now: clock.now() }));
  };
  const signIn = () => {
    const person = Math.floor(Math.random() * users) + 1;
    return run(db, findUserByEmail(emailOf(person)));
  };
  const start = async () => {
    const { userId = '' } = pick() ?? {};
    const now = clock.now();
    const inserted = await run(
      db,
      insertSession({
        ...{ id: newId({ clock, random }), userId, refreshHash: randomBytes(32) },
        refreshSalt: randomBytes(16),
        ...{ previousRefreshHash: null, rotatedAt: now, createdAt: now, lastUsedAt: now },
        ...{ expiresAt: new Date(now.getTime() + 7 * DAY), authenticatedAt: now },
        ...{ absoluteExpiresAt: new Date(now.getTime() + 30 * DAY), secondFactorAt: null },
        ...{ methods: ['pwd'], credentialVersion: 1, identityId: null, refreshes: 0 },
        ...{ impersonatorId: null, impersonatorSessionId: null },
        ...{ refreshesResetAt: null, revokedAt: null, revokedBecause: null },
        ...{ ipAddress: '192.0.2.7', userAgent: null },
      }),
    );
    if (!inserted) throw new Error('No session was started.');
  };
  const token = () => {
    const wanted = { purpose: 'verify-email', tokenHash: randomBytes(32) } as const;
    return run(db, findLiveByToken({ ...wanted, holder: null, now: clock.now() }));
  };
  const claim = () =>
    run(db, claimMail({ queues: ['owner', 'anybody'], now: clock.now(), until: clock.now() }));
  return {
    viewer: find,
    refresh: rotate,
    'sign-in, read': signIn,
    'sign-in, write': start,
    'mail proof': token,
    outbox: claim,
  };
}

/** The databases take turns, some calls each: whatever slows the machine down slows both. */
async function measure(
  grown: readonly { readonly url: string; readonly users: number }[],
): Promise<readonly Readonly<Record<string, number>>[]> {
  const open = await Promise.all(
    grown.map(async ({ url, users }) => {
      const db = createDatabase({ url, poolSize: 1, log: SILENT });
      const samples = await withDatabase(url, (sql) => sampleSessions(sql, 20_000));
      return { db, run: operations(db, samples, users), times: new Map<string, number[]>() };
    }),
  );
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const { run, times } of open) {
      for (const [name, once] of Object.entries(run)) {
        const taken = times.get(name) ?? [];
        for (let call = 0; call < CALLS / TURNS; call += 1) {
          const startedAt = performance.now();
          await once();
          taken.push(performance.now() - startedAt);
        }
        times.set(name, taken);
      }
    }
  }
  await Promise.all(open.map(({ db }) => closeDatabase(db)));
  return open.map(({ times }) =>
    Object.fromEntries([...times].map(([name, taken]) => [name, summarize(taken).p50])),
  );
}

async function heapOnly(url: string): Promise<string> {
  const db = createDatabase({ url, poolSize: 4, log: SILENT });
  const samples = await withDatabase(url, (sql) => sampleSessions(sql, 20_000));
  const counters = () =>
    withDatabase(url, async (sql) => {
      const [row] = await sql`
        select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables
        where relname = 'sessions'`;
      return { all: Number(row?.['all']), hot: Number(row?.['hot']) };
    });
  const before = await counters();
  const { refresh } = operations(db, samples, 1);
  for (let rotation = 0; rotation < ROTATIONS; rotation += 1) await refresh();
  // A connection reports its counts when it ends.
  await closeDatabase(db);
  let after = await counters();
  while (after.all < before.all + ROTATIONS) after = await counters();
  const [all, hot] = [after.all - before.all, after.hot - before.hot];
  return `${hot} of ${all} rotations were heap-only (${((100 * hot) / all).toFixed(1)} %)`;
}

async function sizes(url: string): Promise<readonly string[][]> {
  return await withDatabase(url, async (sql) => {
    const rows = await sql`
      select c.relname, c.relkind, pg_size_pretty(pg_relation_size(c.oid)) as size
      from pg_class c left join pg_index i on i.indexrelid = c.oid
      left join pg_class t on t.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace
        and coalesce(t.relname, c.relname) in ('users', 'sessions')
      order by coalesce(t.relname, c.relname), c.relkind desc, c.relname`;
    return rows.map((row) => [String(row['relname']), String(row['size'])]);
  });
}

stepAside();
const server = await startBenchPostgres({ shared_buffers: values.buffers });
try {
  const grown: { url: string; users: number }[] = [];
  for (const users of SIZES) {
    const url = await server.create(`growth_${users}`);
    await migrate(url);
    const startedAt = performance.now();
    await withDatabase(url, async (sql) => {
      if (values.fillfactor)
        await sql.unsafe(`alter table sessions set (fillfactor = ${Number(values.fillfactor)})`);
      await generate(sql, users);
    });
    const took = Math.round((performance.now() - startedAt) / 1000);
    console.log(`${users} users, ${users * SESSIONS_EACH} sessions: generated in ${took} s`);
    console.log(`${renderTable([['relation', 'size'], ...(await sizes(url))])}\n`);
    grown.push({ url, users });
  }
  const [few = {}, many = {}] = await measure(grown);
  const rows = Object.keys(few).map((name) => {
    const [small, large] = [few[name] ?? Number.NaN, many[name] ?? Number.NaN];
    return [name, digits(small), digits(large), `${(large / small).toFixed(2)} ×`];
  });
  for (const { url, users } of grown) console.log(`${users} users: ${await heapOnly(url)}`);
  console.log(renderTable([['statement', ...SIZES.map((n) => `${n}, p50 ms`), 'ratio'], ...rows]));
} finally {
  await server.stop();
}
