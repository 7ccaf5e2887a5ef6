import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { emailFactors } from '../../db/tables/second-factor.ts';

/** @returns false when it is there already */
export async function insertEmailFactor(
  executor: Executor,
  factor: { readonly userId: string; readonly now: Date },
): Promise<boolean> {
  const inserted = await executor
    .insert(emailFactors)
    .values({ userId: factor.userId, confirmedAt: factor.now })
    .onConflictDoNothing()
    .returning({ userId: emailFactors.userId });
  return inserted.length === 1;
}

/** @returns false when there was none */
export async function deleteEmailFactor(executor: Executor, userId: string): Promise<boolean> {
  const deleted = await executor
    .delete(emailFactors)
    .where(eq(emailFactors.userId, userId))
    .returning({ userId: emailFactors.userId });
  return deleted.length === 1;
}
