import { and, eq, lte } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { housekeeping } from '../db/tables/housekeeping.ts';

const TASK = 'purge';

/**
 * Whose turn it is: of any number of instances that ask at once one gets it, until its lease ends.
 *
 * @param lease.due when it is asked for; null takes over from whoever is at it
 */
export async function takeTurn(
  executor: Executor,
  { due, until }: { readonly due: Date | null; readonly until: Date },
): Promise<boolean> {
  const taken = await executor
    .insert(housekeeping)
    .values({ task: TASK, nextAt: until })
    .onConflictDoUpdate({
      target: housekeeping.task,
      set: { nextAt: until },
      ...(due && { setWhere: lte(housekeeping.nextAt, due) }),
    })
    .returning({ task: housekeeping.task });
  return taken.length === 1;
}

/**
 * Moves the end of a lease on, while it still is the caller's. In the transaction of a batch: the
 * row's lock keeps everybody else from beginning until that is committed.
 */
export async function keepTurn(
  executor: Executor,
  lease: { readonly held: Date; readonly until: Date },
): Promise<boolean> {
  const kept = await executor
    .update(housekeeping)
    .set({ nextAt: lease.until })
    .where(and(eq(housekeeping.task, TASK), eq(housekeeping.nextAt, lease.held)))
    .returning({ task: housekeeping.task });
  return kept.length === 1;
}
