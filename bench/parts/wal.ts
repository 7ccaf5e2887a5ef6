import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import postgres, { type Sql } from 'postgres';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { run } from '../../src/db/executor.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { DAY, SECOND } from '../../src/kernel/duration.ts';
import { rotateSession } from '../../src/session/rotate-store.ts';
import { startPrivatePostgres } from '../../test/db/private-postgres.ts';
import { SILENT } from '../../test/support/silent-log.ts';

/**
 * Measures how many bytes of WAL the exchange of a refresh token writes: `node bench/parts/wal.ts`. The first
 * change of a page after a checkpoint writes the whole page (full_page_writes); every later one writes the
 * change alone.
 *
 *     node bench/parts/wal.ts --url postgres://…   an empty database of a server of one's own, as superuser:
 *                                                  the one that npm brings knows neither lz4 nor zstd
 */

const { values } = parseArgs({ options: { url: { type: 'string' } } });

const SESSIONS = 60_000;
const ROTATIONS = 1_000;
const COMPRESSIONS = ['off', 'pglz', 'lz4', 'zstd'];

/** People with one session each, made by SQL. */
async function seed(sql: Sql): Promise<void> {
  await sql`
    insert into users (id, email, email_verified_at, created_at, updated_at)
    select gen_random_uuid(), 'person-' || n || '@bench.example', now(), now(), now()
    from generate_series(1, ${SESSIONS}::int) n`;
  await sql`
    insert into sessions (id, user_id, refresh_hash, refresh_salt, rotated_at, created_at, last_used_at,
      expires_at, absolute_expires_at, authenticated_at, methods, credential_version, ip_address, user_agent)
    select gen_random_uuid(), id, sha256(uuid_send(id)), substring(sha256(uuid_send(id)), 1, 16), now(), now(), now(),
      now() + interval '7 days', now() + interval '30 days', now(), '{pwd}', credential_version, '192.0.2.1',
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    from users`;
  await sql`vacuum analyze sessions`;
}

type Target = { readonly id: string; readonly hash: Buffer };

/** One session of each of so many pages, with the hash of its current token. */
async function oneOfEachPage(sql: Sql): Promise<readonly Target[]> {
  return await sql<Target[]>`
    select distinct on (page) id, refresh_hash as hash
    from (select id, refresh_hash, (ctid::text::point)[0]::int as page from sessions) placed
    order by page limit ${ROTATIONS}`;
}

/** @returns the sessions with their new hashes: reading them again would prune their pages, which writes WAL */
async function rotateAll(db: Database, targets: readonly Target[]): Promise<readonly Target[]> {
  const now = new Date();
  const next: Target[] = [];
  for (const { id, hash } of targets) {
    const rotated = await run(
      db,
      rotateSession({
        sessionId: id,
        presented: hash,
        derivation: randomBytes(32),
        now,
        isDatabaseTime: true,
        expiresAt: new Date(now.getTime() + 7 * DAY),
        replayableSince: new Date(now.getTime() - 30 * SECOND),
      }),
    );
    if (!rotated) throw new Error('A rotation matched no row.');
    next.push({ id, hash: rotated.session.refreshHash });
  }
  return next;
}

/** Rotates the sessions once. Returns how many bytes of WAL each rotation wrote on average. */
async function measure(
  sql: Sql,
  db: Database,
  targets: readonly Target[],
): Promise<{ readonly bytes: number; readonly next: readonly Target[] }> {
  const before = await position(sql);
  const next = await rotateAll(db, targets);
  const [row] = await sql<{ bytes: number }[]>`
    select pg_wal_lsn_diff(${await position(sql)}::pg_lsn, ${before}::pg_lsn)::float8 as bytes`;
  return { bytes: Math.round((row?.bytes ?? Number.NaN) / targets.length), next };
}

async function position(sql: Sql): Promise<string> {
  const [row] = await sql<{ lsn: string }[]>`select pg_current_wal_insert_lsn() as lsn`;
  return row?.lsn ?? '';
}

const own =
  values.url === undefined
    ? await startPrivatePostgres({ autovacuum: 'off', max_wal_size: '8GB' })
    : null;
const server = { url: values.url ?? own?.url ?? '', remove: async () => own?.remove() };
const sql = postgres(server.url, { max: 1, fetch_types: false, onnotice: () => undefined });
try {
  await migrateUp(server.url, { folder: MIGRATIONS_FOLDER, log: SILENT });
  await seed(sql);
  const [version] = await sql<{ text: string }[]>`select version() as text`;
  console.log(version?.text);
  console.log(
    '| wal_compression | page changed since the checkpoint | first change after the checkpoint |',
  );
  console.log('|---|---|---|');
  for (const compression of COMPRESSIONS) {
    const db = createDatabase({ url: server.url, poolSize: 1, log: SILENT });
    try {
      await sql.unsafe(`alter system set wal_compression = '${compression}'`);
      await sql`select pg_reload_conf()`;
      const targets = await oneOfEachPage(sql);
      await sql`checkpoint`;
      const first = await measure(sql, db, targets);
      const later = await measure(sql, db, first.next);
      console.log(`| ${compression} | ${later.bytes} B | ${first.bytes} B |`);
    } catch (error) {
      console.log(`| ${compression} | ${error instanceof Error ? error.message : 'failed'} | |`);
    } finally {
      await closeDatabase(db);
    }
  }
} finally {
  await sql.end();
  await server.remove();
}
