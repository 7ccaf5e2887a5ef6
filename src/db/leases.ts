import { and, eq, lte } from 'drizzle-orm';
import { build, hasRows, type Statement } from './statement.ts';
import { leases } from './tables/lease.ts';

/** The background tasks that one instance at a time runs (ADR-0019). */
export type LeasedTask = 'purge' | 'statistics';

/**
 * Acquires the lease of a task. If several instances ask at once, one of them gets the lease.
 *
 * @param lease.asOf the lease is acquired only if the previous one has expired by then; null takes
 *   the lease from its holder
 * @returns false if another instance holds the lease
 */
export function acquireLease(lease: {
  readonly task: LeasedTask;
  readonly asOf: Date | null;
  readonly expiresAt: Date;
}): Statement<boolean> {
  const { task, asOf, expiresAt } = lease;
  return hasRows(
    build
      .insert(leases)
      .values({ task, expiresAt })
      .onConflictDoUpdate({
        target: leases.task,
        set: { expiresAt },
        ...(asOf && { setWhere: lte(leases.expiresAt, asOf) }),
      }),
  );
}

/**
 * Extends the lease if the caller still holds it. In the transaction of a batch, the lock of the row
 * keeps every other instance from acquiring the lease until the batch is committed.
 *
 * @returns false if another instance has taken the lease
 */
export function renewLease(lease: {
  readonly task: LeasedTask;
  readonly current: Date;
  readonly expiresAt: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .update(leases)
      .set({ expiresAt: lease.expiresAt })
      .where(and(eq(leases.task, lease.task), eq(leases.expiresAt, lease.current))),
  );
}
