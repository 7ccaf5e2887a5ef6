import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { createApp } from '../src/app.ts';
import { recordAudit } from '../src/audit/record.ts';
import { purgeErasures, purgeMonths } from '../src/audit/retention.ts';
import { listSecurityEvents } from '../src/audit/store.ts';
import { loadConfig } from '../src/config.ts';
import { closeDatabase, createDatabase } from '../src/db/driver/client.ts';
import type { Database } from '../src/db/executor.ts';
import { run } from '../src/db/executor.ts';
import { migrateUp } from '../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../src/db/migrations/migrations.ts';
import { transaction } from '../src/db/transaction.ts';
import { DAY } from '../src/kernel/duration.ts';
import { newId } from '../src/kernel/id.ts';
import { SILENT } from '../test/support/silent-log.ts';
import { startBenchPostgres, withDatabase } from './lib/database.ts';
import { summarize } from './lib/statistics.ts';
import { digits, renderTable } from './lib/table.ts';

/**
 * Compares monthly partitions of the audit log with one flat table of the same events: a write, a person's page,
 * the removal of a month, and an account with a million events.
 * `node bench/audit-log.ts [--events 2400000] [--months 24] [--own 1000000]`
 */

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2400000' },
    months: { type: 'string', default: '24' },
    own: { type: 'string', default: '1000000' },
  },
});
const EVENTS = Number(values.events);
const MONTHS = Number(values.months);
const OWN = Number(values.own);
const CALLS = 400;
const PEOPLE = 10_000;
/** The first migration that the flat table has not seen. */
const FLAT_BEFORE = '0002';

const clock = { now: () => new Date() };
const random = { bytes: (length: number) => randomBytes(length) };
const HOLDER = '0199a0a0-0000-7000-8000-00000000000a';
const ANYBODY = '0199a0a0-0000-7000-8000-0000000003e9';

/** The key that belongs to a moment, for rows that a statement makes. */
const KEY = `(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000' || '8' || substr(md5(n::text || 'x'), 1, 15))::uuid`;

const insertInto = (table: string, user: string, at: string, rows: number) => `
  insert into ${table} (id, type, at, actor_id, user_id, session_id, ip_address, user_agent, request_id, detail, routine)
  select ${KEY}, 'SIGNED_IN', at, u, u, gen_random_uuid(), '192.0.2.7',
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', gen_random_uuid()::text,
    '{"method":"pwd"}', n % 10 = 0
  from generate_series(1, ${rows}) n
  cross join lateral (select ${at} as at, ${user} as u) as made`;

const SOMEBODY = `('0199a0a0-0000-7000-8000-' || lpad(to_hex(n % ${PEOPLE}), 12, '0'))::uuid`;

async function makePastMonths(sql: postgres.Sql): Promise<void> {
  for (let month = 1; month <= MONTHS; month += 1) {
    await sql.unsafe(`do $$ declare
      first timestamptz := date_trunc('month', now() at time zone 'utc') at time zone 'utc' - interval '${month} months';
      k text := '(lpad(to_hex((extract(epoch from $1) * 1000)::bigint), 12, ''0'') || repeat(''0'', 20))::uuid';
      name text := 'audit_events_' || to_char(first, 'YYYY_MM');
      low uuid; high uuid;
    begin
      execute 'select ' || k into low using first;
      execute 'select ' || k into high using first + interval '1 month';
      execute format('create table %I (like audit_events including all)', name);
      execute format('alter table audit_events attach partition %I for values from (%L) to (%L)', name, low, high);
    end $$`);
  }
}

async function fill(url: string, isFlat: boolean): Promise<void> {
  await withDatabase(url, async (sql) => {
    await sql`set timezone = 'UTC'`;
    if (!isFlat) await makePastMonths(sql);
    const at = `date_trunc('month', now()) - (n::float8 / ${EVENTS}) * interval '${MONTHS} months' + interval '1 second'`;
    await sql.unsafe(insertInto('audit_events', SOMEBODY, at, EVENTS));
    await sql.unsafe(
      insertInto('audit_events', `'${HOLDER}'::uuid`, `now() - n * interval '1 second'`, OWN),
    );
    await sql`vacuum (analyze) audit_events`;
  });
}

async function flatMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-flat-'));
  for (const file of await readdir(MIGRATIONS_FOLDER)) {
    if (file.endsWith('.sql') && file < FLAT_BEFORE) {
      await cp(join(MIGRATIONS_FOLDER, file), join(folder, file));
    }
  }
  return folder;
}

type Log = { readonly name: string; readonly url: string; readonly db: Database };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function measureCalls(logs: readonly Log[]): Promise<void> {
  const page = (userId: string) => (db: Database) =>
    run(db, listSecurityEvents({ userId, before: null, limit: 21 }));
  const later = (db: Database) =>
    run(
      db,
      listSecurityEvents({
        userId: ANYBODY,
        before: newId({ clock: { now: () => new Date(Date.now() - 300 * DAY) }, random }),
        limit: 21,
      }),
    );
  const write = (db: Database) =>
    run(db, recordAudit({ clock, random }, { type: 'SIGNED_IN', userId: ANYBODY, client: null }));
  const calls = {
    'write one event': write,
    'newest page of anybody': page(ANYBODY),
    'a page 300 days ago': later,
    [`newest page of an account of ${OWN}`]: page(HOLDER),
  };
  const rows = [['operation, p50 ms', ...logs.map(({ name }) => name)]];
  for (const [name, call] of Object.entries(calls)) {
    const taken = logs.map(() => [] as number[]);
    // In turns: whatever slows the machine down slows both.
    for (let turn = 0; turn < CALLS; turn += 1) {
      for (const [index, { db }] of logs.entries()) taken[index]?.push(await timed(() => call(db)));
    }
    rows.push([name, ...taken.map((times) => digits(summarize(times).p50))]);
  }
  console.log(renderTable(rows));
}

/** Writes while `work` runs. Returns the duration of the slowest write. */
async function besideWrites(
  { url }: Log,
  work: () => Promise<unknown>,
): Promise<{ seconds: number; slowest: number }> {
  const db = createDatabase({ url, poolSize: 1, log: SILENT });
  let isWriting = true;
  let slowest = 0;
  const writing = (async () => {
    while (isWriting) {
      const event = { type: 'SIGNED_IN', userId: ANYBODY, client: null } as const;
      slowest = Math.max(
        slowest,
        await timed(() => run(db, recordAudit({ clock, random }, event))),
      );
    }
  })();
  const seconds = (await timed(work)) / 1_000;
  isWriting = false;
  await writing;
  await closeDatabase(db);
  return { seconds, slowest };
}

const walOf = (sql: postgres.Sql) => sql`select pg_current_wal_lsn() - '0/0'::pg_lsn as bytes`;

async function measureMonth(flat: Log, byMonth: Log): Promise<void> {
  const months = 6;
  const before = `(lpad(to_hex((extract(epoch from date_trunc('month', now()) - interval '${MONTHS - months} months') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
  const rows = [['ending of six months', 'seconds', 'slowest write beside it, ms', 'WAL, MB']];
  const measured = async (name: string, log: Log, work: (sql: postgres.Sql) => Promise<void>) => {
    await withDatabase(log.url, async (sql) => {
      await sql`checkpoint`;
      const [start] = await walOf(sql);
      const { seconds, slowest } = await besideWrites(log, () => work(sql));
      const [end] = await walOf(sql);
      const wal = (Number(end?.['bytes']) - Number(start?.['bytes'])) / 2 ** 20;
      rows.push([name, digits(seconds), digits(slowest), digits(wal)]);
    });
  };
  await measured('delete, 5,000 rows at once', flat, async (sql) => {
    for (;;) {
      const gone = await sql.unsafe(`delete from audit_events where id = any(array(
        select id from audit_events where id < ${before} order by id limit 5000))`);
      if (gone.count === 0) break;
    }
    await sql`vacuum audit_events`;
  });
  await measured('drop', byMonth, async () => {
    const now = clock.now();
    const retention = ((MONTHS - months) * 365.25 * DAY) / 12 - 2 * DAY;
    for (;;) {
      const page = await transaction(byMonth.db, (tx) =>
        purgeMonths(tx, { now, retention, behind: null, limit: 1 }),
      );
      if (page.seen === 0) break;
    }
  });
  console.log(renderTable(rows));
}

const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { __typename
  ... on SignedIn { accessToken } } }`;
const DELETE = 'mutation { deleteAccount { __typename } }';

/** A whole server in this process: an account with a million events signs in and is deleted. */
async function measureAccount({ name, url }: Log): Promise<readonly string[]> {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: url,
    SECRET_KEYS: randomBytes(32).toString('base64'),
    RATE_LIMITS: '{}',
  });
  const app = await createApp(config, SILENT);
  const ask = async (query: string, variables: object, token?: string) => {
    const response = await app.fetch(
      new Request('http://localhost:4000/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'bench/1.0',
          ...(token && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      }),
    );
    return (await response.json()) as { data?: Record<string, { accessToken?: string }> };
  };
  const password = 'correct horse battery staple 9';
  const hash = await app.deps.hasher.hash(password);
  await withDatabase(url, async (sql) => {
    await sql`insert into users (id, email, email_verified_at, password_hash, created_at, updated_at)
      values (${HOLDER}, 'holder@example.com', now(), ${hash}, now(), now())`;
  });
  const input = { email: 'holder@example.com', password };
  const times: number[] = [];
  let token = '';
  for (let turn = 0; turn < 10; turn += 1) {
    times.push(
      await timed(async () => {
        const { data } = await ask(LOGIN, { input });
        token = data?.['login']?.accessToken ?? '';
        if (token === '') throw new Error('nobody signed in');
      }),
    );
  }
  const deletion = await timed(async () => {
    const { data } = await ask(DELETE, {}, token);
    if (data?.['deleteAccount'] === undefined) throw new Error('the account is still there');
  });
  const { db } = app.deps;
  const purge = await timed(async () => {
    for (;;) {
      const page = { now: clock.now(), behind: null, limit: 5_000 };
      const { seen } = await transaction(db, (tx) => purgeErasures(tx, page));
      if (seen === 0) break;
    }
  });
  const [left] = await withDatabase(
    url,
    (sql) => sql`select count(*)::int as n from audit_events where user_id = ${HOLDER}`,
  );
  await app.close();
  return [
    name,
    digits(summarize(times).p50),
    digits(deletion),
    digits(purge / 1_000),
    String(left?.['n']),
  ];
}

const server = await startBenchPostgres({ shared_buffers: '2GB', max_wal_size: '8GB' });
const flatFolder = await flatMigrations();
try {
  const logs = await Promise.all(
    [
      { name: 'one table', folder: flatFolder },
      { name: `${MONTHS} months`, folder: MIGRATIONS_FOLDER },
    ].map(async ({ name, folder }, index) => {
      const url = await server.create(`log_${index}`);
      await migrateUp(url, { folder, log: SILENT });
      await fill(url, index === 0);
      return { name, url, db: createDatabase({ url, poolSize: 1, log: SILENT }) };
    }),
  );
  const [flat, byMonth] = logs;
  if (!flat || !byMonth) throw new Error('There are two.');
  await measureCalls(logs);
  await measureMonth(flat, byMonth);
  const rows = [
    [`an account of ${OWN} events`, 'sign-in, p50 ms', 'deletion, ms', 'purge, s', 'events left'],
    await measureAccount(byMonth),
  ];
  console.log(renderTable(rows));
  await Promise.all(logs.map(({ db }) => closeDatabase(db)));
} finally {
  await server.stop();
  await rm(flatFolder, { recursive: true });
}
