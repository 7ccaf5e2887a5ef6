import { sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';

/**
 * The log is partitioned by month, on the time in its keys (ADR-0020). Makes the months that are missing, up
 * to three ahead, and logs an error if there are events outside of them all. The months are made by a function
 * of the tables' owner, since the server may only append (LO-4).
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

/** Events that no month had been made for, counted up to 10,000. Anything but none is an alarm. */
export async function countStrayEvents(executor: Executor): Promise<number> {
  const [row] = await executor.execute<{ events: number }>(
    sql`select stray_audit_events() as events`,
  );
  return row?.events ?? 0;
}

/** Until when events have a month to go to; null where there is no month at all. */
export async function monthsEnd(executor: Executor): Promise<Date | null> {
  const [row] = await executor.execute<{ milliseconds: string | null }>(sql`
    select max(('x' || left(translate(bound, '-', ''), 12))::bit(48)::bigint) as milliseconds
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    cross join substring(pg_get_expr(relpartbound, inhrelid) from ${UPPER_BOUND}) as bound
    where inhparent = to_regclass(quote_ident(current_schema()) || '.audit_events')`);
  const milliseconds = row?.milliseconds ?? null;
  return milliseconds === null ? null : new Date(Number(milliseconds));
}

/** A UUIDv7 that begins with the first moment behind the partition. */
const UPPER_BOUND = "TO \\('([0-9a-f-]{36})'\\)";
