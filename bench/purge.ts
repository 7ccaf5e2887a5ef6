import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { closeDatabase, createDatabase } from '../src/db/driver/client.ts';
import { DAY } from '../src/kernel/duration.ts';
import { purgeAll } from '../src/retention/purge.ts';
import { purgesOf } from '../src/retention/purges.ts';
import { SILENT } from '../test/support/silent-log.ts';
import { migrate } from './contenders/latchkey.ts';
import { startBenchPostgres, withDatabase } from './lib/database.ts';
import { renderTable } from './lib/table.ts';

/**
 * Measures how fast the purge walks many sessions: one pass that finds a backlog, and one that finds
 * nothing. All sessions are older than a week, so that none can be skipped by its key.
 * `node bench/purge.ts [--sessions 3000000] [--expired 20]` (percent of them that have expired)
 */

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '3000000' },
    expired: { type: 'string', default: '20' },
  },
});
const SESSIONS = Number(values.sessions);
const EXPIRED = Number(values.expired);
const USERS = 10_000;

const clock = { now: () => new Date() };

/** Made over a month that ended a week ago; the expired ones lie between the others. */
async function generate(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into users (id, email, created_at, updated_at)
    select ('0199a0a0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'person-' || n || '@bench.example',
      now(), now() from generate_series(1, ${USERS}::int) n`;
  await sql`
    insert into sessions (id, user_id, refresh_hash, previous_refresh_hash, refresh_salt, rotated_at, created_at,
      last_used_at, expires_at, absolute_expires_at, authenticated_at, methods, credential_version,
      ip_address, user_agent)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000' || '8'
        || substr(md5(n::text), 1, 15))::uuid,
      ('0199a0a0-0000-7000-8000-' || lpad(to_hex(n % ${USERS}::int + 1), 12, '0'))::uuid,
      sha256(n::text::bytea), sha256(at::text::bytea), uuid_send(gen_random_uuid()), at, at, at,
      case when n % 100 * 19 % 100 < ${EXPIRED}::int then now() - interval '8 days' else now() + interval '7 days' end,
      now() + interval '30 days', at, '{pwd}', 1, '192.0.2.7',
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    from generate_series(1, ${SESSIONS}::int) n
    cross join lateral (select now() - interval '38 days' + n * (interval '30 days' / ${SESSIONS}::int) as at) made`;
  await sql`vacuum (analyze) sessions`;
}

const server = await startBenchPostgres({ shared_buffers: '1GB', max_wal_size: '8GB' });
try {
  const url = await server.create('purge');
  await migrate(url);
  await withDatabase(url, generate);
  const db = createDatabase({ url, poolSize: 2, log: SILENT });
  const purges = purgesOf({ auditRetention: 365 * DAY }).filter(
    ({ table }) => table === 'sessions',
  );
  const rows = [['pass through sessions', 'sessions', 'removed', 'seconds', 'looked at a second']];
  let left = SESSIONS;
  for (const name of [`${EXPIRED} % have expired`, 'none has expired']) {
    const started = performance.now();
    const pass = await purgeAll({ db, clock, log: SILENT }, purges, { force: true });
    if (pass?.failed.length !== 0) throw new Error('The purge failed.');
    const seconds = (performance.now() - started) / 1_000;
    const removed = pass.removed['sessions'] ?? 0;
    rows.push([
      name,
      ...[left, removed, seconds, left / seconds].map((n) => String(Math.round(n))),
    ]);
    left -= removed;
  }
  console.log(renderTable(rows));
  await closeDatabase(db);
} finally {
  await server.stop();
}
