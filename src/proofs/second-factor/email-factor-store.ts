import { eq } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type EmailFactor, emailFactors } from '../../db/tables/second-factor.ts';

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

/** @returns what was removed; null when there was none */
export async function deleteEmailFactor(
  executor: Executor,
  userId: string,
): Promise<EmailFactor | null> {
  const [deleted] = await executor
    .delete(emailFactors)
    .where(eq(emailFactors.userId, userId))
    .returning();
  return deleted ?? null;
}

/** When codes by mail were enabled; null for a person who has not. */
export async function findEmailFactor(
  executor: Executor,
  userId: string,
): Promise<EmailFactor | null> {
  const [factor] = await executor
    .select()
    .from(emailFactors)
    .where(eq(emailFactors.userId, userId));
  return factor ?? null;
}
