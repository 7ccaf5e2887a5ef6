import { asc, eq, gt, lt, sql } from 'drizzle-orm';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, noRows, rowCount, rows } from '../db/statement.ts';
import { auditErasures, auditEvents } from '../db/tables/audit-event.ts';
import { after, SECOND } from '../kernel/duration.ts';
import { firstIdAt } from '../kernel/id.ts';
import { ROUTINE_RETENTION } from './event-type.ts';
import { anonymiseEvents, LAST_EVENT } from './store.ts';

/**
 * Only the owner of the log can purge it (LO-4). The server's own role can neither drop a month nor delete an
 * event, and leaves that to `latchkey purge`, run as the owner. A server that uses one role for everything
 * purges the log by itself.
 */
type Kept = { readonly retention: number };

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const NOTHING: PurgedPage = { seen: 0, removed: 0, last: null };

/** True for the owner of the log, or a superuser. Nobody else can drop a partition. */
async function ownsLog(executor: Executor): Promise<boolean> {
  const row = await run(
    executor,
    firstRow(sql<{ owns: boolean }>`
    select pg_has_role(relowner, 'usage') as owns from pg_class where oid = 'audit_events'::regclass`),
  );
  return row?.owns ?? false;
}

/** Above this size, counting costs more time than a purge may take, and Postgres' own estimate is used. */
const COUNTED = 64 * 1024 * 1024;

/**
 * Months that contain only events from before a moment, oldest first. `bound` is the first key after the month.
 */
async function findMonthsBefore(
  executor: Executor,
  madeBefore: Date,
): Promise<readonly { readonly name: string; readonly bound: string }[]> {
  return await run(
    executor,
    rows(sql<{ name: string; bound: string }>`
    select relname as name, bound from pg_inherits join pg_class on pg_class.oid = inhrelid
    cross join substring(pg_get_expr(relpartbound, inhrelid) from ${String.raw`TO \('([0-9a-f-]{36})'\)`}) as bound
    where inhparent = 'audit_events'::regclass and bound::uuid <= ${firstIdAt(madeBefore)}::uuid
    order by bound`),
  );
}

/** The number of events in a partition, exact if the partition is small. */
async function countEvents(executor: Executor, name: string): Promise<number> {
  const table = await run(
    executor,
    firstRow(sql<{ estimate: number; size: number }>`
    select greatest(reltuples, 0)::float8 as estimate, pg_relation_size(oid)::float8 as size
    from pg_class where oid = to_regclass(quote_ident(${name}))`),
  );
  if (table && table.size > COUNTED) return table.estimate;
  const counted = await run(
    executor,
    firstRow(sql<{ rows: number }>`select count(*)::int as rows from ${sql.identifier(name)}`),
  );
  return counted?.rows ?? 0;
}

/** How often dropping a month is attempted in one pass, and the pause between attempts. */
const ATTEMPTS = 10;
const BETWEEN_ATTEMPTS = SECOND;

class LogBusyError extends Error {
  override readonly name = 'LogBusyError';

  constructor() {
    super('a month of the audit log could not be dropped: statements of others held the log');
  }
}

/**
 * Drops the oldest expired month as a whole. If the log was in use, `behind` counts the attempts.
 *
 * @throws LogBusyError after the last attempt
 */
export async function purgeMonths(executor: Executor, page: PurgePage & Kept): Promise<PurgedPage> {
  if (!(await ownsLog(executor))) return NOTHING;
  const months = await findMonthsBefore(executor, after(page.now, -page.retention));
  if (page.isDryRun) {
    let removed = 0;
    for (const { name } of months) removed += await countEvents(executor, name);
    return { ...NOTHING, removed };
  }
  const [oldest] = months;
  if (!oldest) return NOTHING;
  const removed = await countEvents(executor, oldest.name);
  if (await dropTable(executor, oldest.name)) return { seen: page.limit, removed, last: null };
  const attempts = Number(page.behind ?? 0) + 1;
  if (attempts === ATTEMPTS) throw new LogBusyError();
  return { seen: page.limit, removed: 0, last: String(attempts), pause: BETWEEN_ATTEMPTS };
}

/**
 * Drops a partition within milliseconds, whatever its size. Postgres does not allow `detach … concurrently`
 * beside a default partition, so this locks the whole log for a moment. Every other statement queues behind one
 * that waits for such a lock, so it gives up after 100 ms.
 *
 * @returns false if other statements held the log all that time
 */
async function dropTable(executor: Executor, name: string): Promise<boolean> {
  // A failed statement would end the transaction that holds the purge's lease. Here only the block fails.
  await run(
    executor,
    noRows(sql`
    do $$ begin
      set local lock_timeout = '100ms';
      drop table ${sql.identifier(name)};
    exception when lock_not_available then null;
    end $$`),
  );
  const row = await run(
    executor,
    firstRow(sql<{ gone: boolean }>`select to_regclass(quote_ident(${name})) is null as gone`),
  );
  return row?.gone ?? false;
}

/**
 * Deletes routine events after a month (DR-6), one by one, with the index that contains only them. Events in
 * months that will be dropped are left to that.
 */
export async function purgeRoutineEvents(
  executor: Executor,
  page: PurgePage & Kept,
): Promise<PurgedPage> {
  if (!(await ownsLog(executor))) return NOTHING;
  const madeBefore = after(page.now, -Math.min(ROUTINE_RETENTION, page.retention));
  const months = await findMonthsBefore(executor, after(page.now, -page.retention));
  const behind = page.behind ?? months.at(-1)?.bound ?? null;
  const { id: key, at, routine } = auditEvents;
  const expired = { table: auditEvents, key, madeBefore, isExpired: lt(at, madeBefore) };
  return await run(
    executor,
    purgePage({ ...expired, among: sql`${routine}` }, { ...page, behind }),
  );
}

/**
 * Deletes events outside of all partitions, one by one, when their retention has ended. Routine events have
 * their own purge (see purgeRoutineEvents), which ignores the time of the dropped months.
 */
export async function purgeStrayEvents(
  executor: Executor,
  { now, retention, limit, isDryRun }: PurgePage & Kept,
): Promise<PurgedPage> {
  if (!(await ownsLog(executor))) return NOTHING;
  const madeBefore = after(now, -retention);
  const dropped = (await findMonthsBefore(executor, madeBefore)).at(-1)?.bound ?? FIRST_ID;
  const expired = sql`select ctid from audit_events_default
    where id < ${firstIdAt(madeBefore)}::uuid and (not routine or id < ${dropped}::uuid)`;
  const gone = isDryRun
    ? expired
    : sql`delete from audit_events_default
        where ctid = any(array(${expired} limit ${limit}::int for update skip locked)) returning 1`;
  const row = await run(
    executor,
    firstRow(
      sql<{ removed: number }>`with gone as (${gone}) select count(*)::int as removed from gone`,
    ),
  );
  const removed = row?.removed ?? 0;
  return { seen: isDryRun ? 0 : removed, removed, last: null };
}

/**
 * Anonymizes one more batch of events of one deleted account. Several accounts follow in the order of their
 * ids. The pseudonym is as old as the deletion and shows when no operation can write about the person any more.
 */
export async function purgeErasures(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { userId } = auditErasures;
  if (page.isDryRun) {
    const waiting = await run(executor, rowCount(build.select().from(auditErasures)));
    return { seen: 0, removed: waiting, last: null };
  }
  const next = build
    .select()
    .from(auditErasures)
    .where(page.behind === null ? undefined : gt(userId, page.behind))
    .orderBy(asc(userId))
    .limit(1);
  const erasure = await run(executor, firstRow(next));
  if (!erasure) return { seen: 0, removed: 0, last: null };
  const changed = await run(executor, anonymiseEvents(erasure, page.limit));
  // The next batch begins with the same account, as long as it may have more events.
  if (changed >= page.limit) return { seen: page.limit, removed: 0, last: page.behind };
  const isLast = erasure.pseudonym < firstIdAt(after(page.now, -LAST_EVENT));
  if (isLast) {
    await run(executor, noRows(build.delete(auditErasures).where(eq(userId, erasure.userId))));
  }
  return { seen: page.limit, removed: isLast ? 1 : 0, last: erasure.userId };
}
