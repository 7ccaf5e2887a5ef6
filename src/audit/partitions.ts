import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import type { Deps } from '../deps.ts';

/**
 * The log is partitioned by month, on the time in its keys (ADR 0041). Makes the months that are missing, up
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
  if (events > 0) log.error({ events }, 'audit events outside of every month');
}

/** Events that no month had been made for, counted up to 10,000. Anything but none is an alarm. */
export async function countStrayEvents(executor: Executor): Promise<number> {
  const [row] = await executor.execute<{ events: number }>(
    sql`select stray_audit_events() as events`,
  );
  return row?.events ?? 0;
}
