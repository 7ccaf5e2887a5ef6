import { eq } from 'drizzle-orm';
import { build, firstRow, hasRows, type Statement } from '../../db/statement.ts';
import { type PasskeyFactor, passkeyFactors } from '../../db/tables/passkey.ts';

/** @returns false if the person's passkeys are a second factor already */
export function insertPasskeyFactor(factor: {
  readonly userId: string;
  readonly now: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .insert(passkeyFactors)
      .values({ userId: factor.userId, confirmedAt: factor.now })
      .onConflictDoNothing(),
  );
}

/** @returns the removed factor; null if the person's passkeys were no second factor */
export function deletePasskeyFactor(userId: string): Statement<PasskeyFactor | null> {
  return firstRow(
    build.delete(passkeyFactors).where(eq(passkeyFactors.userId, userId)).returning(),
  );
}

/** When the person's passkeys became a second factor; null if they are none. */
export function findPasskeyFactor(userId: string): Statement<PasskeyFactor | null> {
  return firstRow(build.select().from(passkeyFactors).where(eq(passkeyFactors.userId, userId)));
}
