import { and, eq, gte, or } from 'drizzle-orm';
import type { Executor } from '../../db/client.ts';
import { backupCodes, emailFactors, totpFactors } from '../../db/tables/second-factor.ts';

/**
 * Forgets the second factors a person set up at that moment or later. Older ones stay.
 */
export async function forgetSecondFactorsSince(
  executor: Executor,
  about: { readonly userId: string; readonly since: Date },
): Promise<void> {
  const { userId, since } = about;
  // An app shown before and confirmed after is as new as its confirmation.
  const isNew = or(gte(totpFactors.createdAt, since), gte(totpFactors.confirmedAt, since));
  await executor.delete(totpFactors).where(and(eq(totpFactors.userId, userId), isNew));
  await executor
    .delete(emailFactors)
    .where(and(eq(emailFactors.userId, userId), gte(emailFactors.confirmedAt, since)));
  await executor
    .delete(backupCodes)
    .where(and(eq(backupCodes.userId, userId), gte(backupCodes.createdAt, since)));
}
