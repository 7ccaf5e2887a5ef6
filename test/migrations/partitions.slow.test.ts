import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { keepPartitionsAhead } from '../../src/audit/partitions.ts';
import { migrateDown, migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { newId } from '../../src/kernel/id.ts';
import { memoryLog } from '../db/support.ts';
import { queryDatabase } from '../support/query-database.ts';
import { createEmptyDatabase, folderOfOurFirst, ourMigrations } from './support.ts';

const log = memoryLog();
const ROWS = 300_000;
const LOCK_LIMIT = 100;

const KEY_OF_N = `(lpad(to_hex((extract(epoch from now() - n * interval '10 seconds') * 1000)::bigint), 12, '0')
  || '7000' || '8' || substr(md5(n::text), 1, 15))::uuid`;

const random = { bytes: (length: number) => crypto.getRandomValues(Buffer.alloc(length)) };
const clock = { now: () => new Date() };

/** How long locks that keep writers of the log waiting were held, from the first to the last look at each. */
function watchLocks(url: string) {
  const observer = postgres(url, { max: 1 });
  let isWatching = true;
  let looks = 0;
  const seen = new Map<string, { from: number; to: number }>();
  const watch = async () => {
    while (isWatching) {
      const rows = await observer`
        select virtualtransaction || ' ' || relname || ' ' || mode as lock,
          (extract(epoch from clock_timestamp()) * 1000)::float8 as at from pg_locks
        join pg_class on pg_class.oid = relation
        where relname like 'audit_events%' and relkind in ('r', 'p') and granted
          and database = (select oid from pg_database where datname = current_database())
          and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;
      looks += 1;
      for (const row of rows) {
        const { lock, at } = row as unknown as { readonly lock: string; readonly at: number };
        seen.set(lock, { from: seen.get(lock)?.from ?? at, to: at });
      }
    }
  };
  const watching = watch();
  return async () => {
    isWatching = false;
    await watching;
    await observer.end();
    const held = [...seen.values()].map(({ from, to }) => to - from);
    return { looks, longest: Math.max(0, ...held) };
  };
}

/** Writes and reads of somebody who goes on meanwhile, and the longest of them. */
function keepWriting(url: string) {
  const writer = postgres(url, { max: 1 });
  let isWriting = true;
  let slowest = 0;
  let written = 0;
  const write = async () => {
    while (isWriting) {
      const id = newId({ clock, random });
      const started = performance.now();
      await writer`insert into audit_events (id, type, at, detail) values (${id}, 'SIGNED_OUT', now(), '{}')`;
      await writer`select from audit_events where id = ${id}`;
      slowest = Math.max(slowest, performance.now() - started);
      written += 1;
    }
  };
  const writing = write();
  return async () => {
    isWriting = false;
    await writing;
    await writer.end();
    return { written, slowest };
  };
}

test(`O-6: a log of ${ROWS} events becomes one of months while others write: no lock for ${LOCK_LIMIT} ms, no event lost`, async () => {
  const { url, db } = await createEmptyDatabase();
  const migrations = await ourMigrations();
  const before = migrations.findIndex((name) => name.includes('audit_events_bound'));
  const byMonth = migrations.findIndex((name) => name.includes('audit_events_by_month'));
  await migrateUp(url, { folder: await folderOfOurFirst(before), log });
  const owner = postgres(url, { max: 1, onnotice: () => undefined });
  onTestFinished(() => owner.end());
  await owner.unsafe(`insert into audit_events (id, type, at, user_id, detail)
    select ${KEY_OF_N}, 'SIGNED_IN', now(), gen_random_uuid(), '{}' from generate_series(1, ${ROWS}) n`);
  const role = `server_${Date.now()}`;
  await owner.unsafe(`create role ${role}; grant select, insert on audit_events to ${role};
    grant execute on function anonymise_events(uuid, uuid, integer) to ${role}`);
  onTestFinished(async () => void (await owner.unsafe(`drop owned by ${role}; drop role ${role}`)));

  const stopWriting = keepWriting(url);
  const stopWatching = watchLocks(url);
  await migrateUp(url, { folder: await folderOfOurFirst(byMonth + 1), log });
  const locks = await stopWatching();
  const { written, slowest } = await stopWriting();
  process.stdout.write(
    `O-6: ${ROWS} events: longest lock ${locks.longest.toFixed(1)} ms of ${locks.looks} looks, slowest write and read of ${written}: ${slowest.toFixed(0)} ms\n`,
  );
  expect(locks.longest).toBeLessThan(LOCK_LIMIT);
  expect(slowest).toBeLessThan(300);
  // Later migrations create indexes of the log. Servers are down for those (docs/operating/rolling-deploys.md).
  await migrateUp(url, { folder: MIGRATIONS_FOLDER, log });

  const parts = await queryDatabase<{ name: string; n: number }>(
    db,
    sql`
    select tableoid::regclass::text as name, count(*)::int as n from audit_events group by 1`,
  );
  expect(parts).toEqual([{ name: 'audit_events_earlier', n: ROWS + written }]);
  // Two months of room, and then months up to three ahead.
  await keepPartitionsAhead({ db, log });
  const names =
    await owner`select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'audit_events'::regclass`;
  expect(names).toHaveLength(4);
  // Whoever could append before still can, and in no partition by itself (LO-4).
  const [may] = await owner`select has_table_privilege(${role}, 'audit_events', 'insert') as insert,
    has_table_privilege(${role}, 'audit_events', 'delete') as delete,
    has_table_privilege(${role}, 'audit_events_earlier', 'insert, select') as part,
    has_function_privilege(${role}, 'make_audit_partitions()', 'execute') as make,
    has_function_privilege(${role}, 'anonymise_events(uuid, uuid, integer)', 'execute') as erase`;
  expect(may).toEqual({ insert: true, delete: false, part: false, make: true, erase: true });

  const undone = migrations.length - before;
  await migrateDown(url, { folder: MIGRATIONS_FOLDER, log, count: undone });
  const [{ n } = {}] = await owner`select count(*)::int as n from audit_events`;
  expect(n).toBe(ROWS + written);
}, 60_000);
