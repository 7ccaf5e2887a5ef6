import { sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';

/**
 * Creates the missing monthly partitions of the log, up to three months ahead, and logs an error if there are
 * events outside of all partitions. The log is partitioned by the time in its keys (ADR-0020). A function of
 * the tables' owner creates the partitions, because the server's role may only append (LO-4).
 */
export async function keepPartitionsAhead({
  db,
  log,
}: {
  readonly db: Executor;
  readonly log: Deps['log'];
}): Promise<void> {
  await db.execute(sql`select make_audit_partitions()`);
  const events = await countStrayEvents(db);
  if (events > 0) log.error({ events }, 'stray audit events found');
}

/** The number of events outside of all partitions, counted up to 10,000. Any number but zero is an alarm. */
export async function countStrayEvents(executor: Executor): Promise<number> {
  const [row] = await executor.execute<{ events: number }>(
    sql`select stray_audit_events() as events`,
  );
  return row?.events ?? 0;
}

/** The end of the last partition; null if there is none. */
export async function monthsEnd(executor: Executor): Promise<Date | null> {
  const [row] = await executor.execute<{ milliseconds: string | null }>(sql`
    select max(('x' || left(translate(bound, '-', ''), 12))::bit(48)::bigint) as milliseconds
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    cross join substring(pg_get_expr(relpartbound, inhrelid) from ${UPPER_BOUND}) as bound
    where inhparent = to_regclass(quote_ident(current_schema()) || '.audit_events')`);
  const milliseconds = row?.milliseconds ?? null;
  return milliseconds === null ? null : new Date(Number(milliseconds));
}

/** The upper bound of a partition: a UUIDv7 that begins with the first moment after it. */
const UPPER_BOUND = "TO \\('([0-9a-f-]{36})'\\)";
