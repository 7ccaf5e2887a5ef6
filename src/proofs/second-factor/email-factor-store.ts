import { eq } from 'drizzle-orm';
import { build, firstRow, hasRows, type Statement } from '../../db/statement.ts';
import { type EmailFactor, emailFactors } from '../../db/tables/second-factor.ts';

/** @returns false when it is there already */
export function insertEmailFactor(factor: {
  readonly userId: string;
  readonly now: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .insert(emailFactors)
      .values({ userId: factor.userId, confirmedAt: factor.now })
      .onConflictDoNothing(),
  );
}

/** @returns the removed factor; null if there was none */
export function deleteEmailFactor(userId: string): Statement<EmailFactor | null> {
  return firstRow(build.delete(emailFactors).where(eq(emailFactors.userId, userId)).returning());
}

/** When codes by mail were enabled; null for a person who has not. */
export function findEmailFactor(userId: string): Statement<EmailFactor | null> {
  return firstRow(build.select().from(emailFactors).where(eq(emailFactors.userId, userId)));
}
