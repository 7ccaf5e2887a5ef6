import { sql } from 'drizzle-orm';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { firstRow, map, noRows, type Statement } from '../db/statement.ts';
import type { Deps } from '../deps.ts';
import { after, DAY } from '../kernel/duration.ts';

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
  await run(db, noRows(sql`select make_audit_partitions()`));
  const events = await run(db, countStrayEvents());
  if (events > 0) log.error({ events }, 'stray audit events found');
}

/** The number of events outside of all partitions, counted up to 10,000. Any number but zero is an alarm. */
export function countStrayEvents(): Statement<number> {
  const stray = sql<{ events: number }>`select stray_audit_events() as events`;
  return map(firstRow(stray), (row) => row?.events ?? 0);
}

/** The end of the last partition; null if there is none. */
export function monthsEnd(): Statement<Date | null> {
  const newest = sql<{ milliseconds: string | null }>`
    select max(('x' || left(translate(bound, '-', ''), 12))::bit(48)::bigint) as milliseconds
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    cross join substring(pg_get_expr(relpartbound, inhrelid) from ${UPPER_BOUND}) as bound
    where inhparent = to_regclass(quote_ident(current_schema()) || '.audit_events')`;
  return map(firstRow(newest), (row) => {
    const milliseconds = row?.milliseconds ?? null;
    return milliseconds === null ? null : new Date(Number(milliseconds));
  });
}

/** The upper bound of a partition: a UUIDv7 that begins with the first moment after it. */
const UPPER_BOUND = "TO \\('([0-9a-f-]{36})'\\)";

/** How long before the last partition ends somebody should know: a running server makes three months ahead. */
const PARTITIONS_AHEAD = 14 * DAY;

/** What is wrong with the partitions of the log. */
export type PartitionTrouble =
  | { readonly kind: 'missing'; readonly since: Date }
  | { readonly kind: 'ending'; readonly since: Date; readonly end: Date }
  | { readonly kind: 'stray'; readonly since: Date; readonly events: number };

/** Looks for events outside of all partitions, and for a last partition that ends soon. */
export async function partitionTroubles(
  db: Executor,
  now: Date,
): Promise<readonly PartitionTrouble[]> {
  const [end, events] = [await run(db, monthsEnd()), await run(db, countStrayEvents())];
  const troubles: PartitionTrouble[] = [];
  if (end === null || end <= now) troubles.push({ kind: 'missing', since: end ?? now });
  else if (after(now, PARTITIONS_AHEAD) > end) {
    troubles.push({ kind: 'ending', since: after(end, -PARTITIONS_AHEAD), end });
  }
  if (events > 0) troubles.push({ kind: 'stray', since: now, events });
  return troubles;
}
