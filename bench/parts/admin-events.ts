import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import type { AuditType } from '../../src/audit/event-type.ts';
import { recordAudit } from '../../src/audit/record.ts';
import { type EventSearch, findEvents } from '../../src/audit/search.ts';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { run } from '../../src/db/executor.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { transaction } from '../../src/db/transaction.ts';
import { DAY } from '../../src/kernel/duration.ts';
import { firstIdAt, newId } from '../../src/kernel/id.ts';
import { SILENT } from '../../test/support/silent-log.ts';
import { startBenchPostgres, withDatabase } from '../lib/database.ts';
import { summarize } from '../lib/statistics.ts';
import { digits, renderTable } from '../lib/table.ts';

/**
 * Measures the administrators' list of events by each of its filters, and what the indexes behind them cost each event
 * that is recorded: `node bench/parts/admin-events.ts [--events 1000000] [--calls 300] [--written 100000]`
 */

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    calls: { type: 'string', default: '300' },
    written: { type: 'string', default: '100000' },
  },
});
const EVENTS = Number(values.events);
const CALLS = Number(values.calls);
const WRITTEN = Number(values.written);
const MONTHS = 12;
const PEOPLE = 10_000;
const BATCH = 1_000;

const clock = { now: () => new Date() };
const random = { bytes: (length: number) => randomBytes(length) };
const idOf = (n: number) => `0199a0a0-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
/** One account has a tenth of all events, and one address a third of them. */
const BUSY = idOf(PEOPLE + 1);
const BUSY_ADDRESS = '198.51.100.7';
const ADMINISTRATOR = idOf(PEOPLE + 2);

async function fill(sql: postgres.Sql): Promise<void> {
  await sql`set timezone = 'UTC'`;
  for (let month = 1; month <= MONTHS; month += 1) {
    await sql.unsafe(`do $$ declare
      first timestamptz := date_trunc('month', now()) - interval '${month} months';
      k text := '(lpad(to_hex((extract(epoch from $1) * 1000)::bigint), 12, ''0'') || repeat(''0'', 20))::uuid';
      low uuid; high uuid;
    begin
      execute 'select ' || k into low using first;
      execute 'select ' || k into high using first + interval '1 month';
      execute format('create table %I (like audit_events including all)', 'audit_events_past_${month}');
      execute format('alter table audit_events attach partition %I for values from (%L) to (%L)',
        'audit_events_past_${month}', low, high);
    end $$`);
  }
  await sql.unsafe(`
    insert into users (id, email, created_at, updated_at)
    select ('0199a0a0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'p' || n || '@bench.example', now(), now()
    from generate_series(1, ${PEOPLE + 2}) n`);
  await sql.unsafe(`
    insert into audit_events (id, type, at, actor_id, user_id, session_id, ip_address, user_agent, request_id, detail)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '70008' || substr(md5(n::text), 1, 15))::uuid,
      (array['SIGNED_IN','SIGN_IN_FAILED','SIGNED_OUT','REAUTHENTICATED','SECOND_FACTOR_FAILED'])[1 + n % 5], at,
      case when n % 1000 = 0 then '${ADMINISTRATOR}'::uuid else u end, u, gen_random_uuid(),
      case when n % 3 = 0 then '${BUSY_ADDRESS}' else '203.0.' || n % 251 || '.' || n % 241 end,
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', gen_random_uuid()::text, '{"method":"pwd"}'
    from generate_series(1, ${EVENTS}) n
    cross join lateral (select
      now() - (n::float8 / ${EVENTS}) * interval '${MONTHS} months' as at,
      case when n % 10 = 0 then '${BUSY}'::uuid
        else ('0199a0a0-0000-7000-8000-' || lpad(to_hex(1 + n % ${PEOPLE}), 12, '0'))::uuid end as u) made`);
  // One type that has happened once, long ago, to the busiest account.
  await sql.unsafe(`insert into audit_events (id, type, at, user_id, actor_id, ip_address, detail)
    values ('${newId({ clock: { now: () => new Date(Date.now() - 300 * DAY) }, random })}', 'PASSWORD_RESET',
      now() - interval '300 days', '${BUSY}', '${BUSY}', '${BUSY_ADDRESS}', '{}')`);
  await sql`vacuum (analyze) audit_events`;
}

const RARE: readonly AuditType[] = ['PASSWORD_RESET'];
const SEVERAL: readonly AuditType[] = [
  ...(['SIGNED_IN', 'SIGN_IN_FAILED', 'PASSWORD_RESET', 'ROLES_CHANGED'] as const),
  ...(['SIGNED_OUT', 'REAUTHENTICATED', 'MFA_ENABLED', 'MFA_DISABLED'] as const),
];

const somebody = (turn: number) => idOf(1 + ((turn * 7919) % PEOPLE));
const ago = (days: number) => new Date(Date.now() - days * DAY);

/** Each filter, with the page that it starts after. */
const SEARCHES: Readonly<Record<string, (turn: number) => EventSearch>> = {
  'no filter': () => ({}),
  'one type': () => ({ types: ['SIGN_IN_FAILED'] }),
  'one type that is rare': () => ({ types: RARE }),
  'eight types': () => ({ types: SEVERAL }),
  'a person': (turn) => ({ userId: somebody(turn) }),
  'a person with a tenth of all events': () => ({ userId: BUSY }),
  'an actor on own account': (turn) => ({ actorId: somebody(turn) }),
  'an administrator': () => ({ actorId: ADMINISTRATOR }),
  'the busiest actor': () => ({ actorId: BUSY }),
  'an address': (turn) => ({ ipAddress: `203.0.${turn % 251}.${turn % 241}` }),
  'an address with a third of all events': () => ({ ipAddress: BUSY_ADDRESS }),
  'a month, half a year ago': () => ({ after: ago(200), before: ago(170) }),
  'a rare type of the busiest person': () => ({ userId: BUSY, types: RARE }),
  'a rare type from the busiest address': () => ({ ipAddress: BUSY_ADDRESS, types: RARE }),
};

async function measureSearches(db: Database): Promise<void> {
  const rows = [['filter', 'p50 ms', 'p99 ms', 'p50 ms, half a year ago', 'p99 ms']];
  for (const [name, search] of Object.entries(SEARCHES)) {
    const cells: string[] = [];
    for (const before of [null, firstIdAt(ago(180))]) {
      const taken: number[] = [];
      for (let turn = 0; turn < CALLS; turn += 1) {
        const started = performance.now();
        await findEvents(db, search(turn), { before, limit: 101 });
        taken.push(performance.now() - started);
      }
      const { p50, p99 } = summarize(taken);
      cells.push(digits(p50), digits(p99));
    }
    rows.push([name, ...cells]);
  }
  console.log(renderTable(rows));
}

/** Records events as a sign-in does. @returns microseconds and bytes of WAL of each */
async function write(db: Database, sql: postgres.Sql, batches: number) {
  const deps = { clock, random };
  const client = { ipAddress: '192.0.2.7', userAgent: 'Mozilla/5.0', requestId: 'bench' };
  const lsn = async () => (await sql`select pg_current_wal_insert_lsn() - '0/0' as n`)[0]?.['n'];
  const walBefore = Number(await lsn());
  const started = performance.now();
  for (let batch = 0; batch < batches; batch += 1) {
    await transaction(db, async (tx) => {
      for (let n = 0; n < BATCH; n += 1) {
        const userId = somebody(batch * BATCH + n);
        await run(tx, recordAudit(deps, { type: 'SIGNED_IN', userId, client }));
      }
    });
  }
  const count = batches * BATCH;
  return {
    microseconds: ((performance.now() - started) * 1_000) / count,
    wal: (Number(await lsn()) - walBefore) / count,
  };
}

const INDEXES = [
  ['audit_events_type_id_index', '(type, id)'],
  ['audit_events_ip_address_id_index', '(ip_address, id) where ip_address is not null'],
  ['audit_events_actor_id_id_index', '(actor_id, id) where actor_id is distinct from user_id'],
] as const;

async function measureWrites(db: Database, sql: postgres.Sql): Promise<void> {
  const totals = { with: [0, 0], without: [0, 0] } as Record<'with' | 'without', number[]>;
  const rounds = 5;
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['with', 'without'] as const) {
      for (const [name, on] of INDEXES) {
        await sql.unsafe(`drop index if exists ${name}`);
        if (kind === 'with') await sql.unsafe(`create index ${name} on audit_events ${on}`);
      }
      await sql`checkpoint`;
      const { microseconds, wal } = await write(db, sql, WRITTEN / BATCH / rounds);
      totals[kind] = [
        (totals[kind][0] ?? 0) + microseconds / rounds,
        (totals[kind][1] ?? 0) + wal / rounds,
      ];
    }
  }
  console.log(
    renderTable([
      [`${WRITTEN} events`, 'µs each', 'bytes of WAL each'],
      ...Object.entries(totals).map(([kind, cells]) => [
        `${kind} the three indexes`,
        ...cells.map((cell) => digits(cell)),
      ]),
    ]),
  );
}

const server = await startBenchPostgres();
try {
  const url = await server.create('events');
  await migrateUp(url, { folder: MIGRATIONS_FOLDER, log: SILENT });
  await withDatabase(url, fill);
  const db = createDatabase({ url, poolSize: 2, log: SILENT });
  await measureSearches(db);
  await withDatabase(url, (sql) => measureWrites(db, sql));
  await closeDatabase(db);
} finally {
  await server.stop();
}
