import { and, eq, isNull, sql } from 'drizzle-orm';
import { build, firstRow, hasRows, map, noRows, type Statement } from '../../db/statement.ts';
import { type BackupCode, backupCodes } from '../../db/tables/second-factor.ts';

/** True if the person has a set, even a used-up one. */
export function hasBackupCodes(userId: string): Statement<boolean> {
  return hasRows(
    build
      .select({ id: backupCodes.id })
      .from(backupCodes)
      .where(eq(backupCodes.userId, userId))
      .limit(1),
  );
}

/** When a person's set was created; null if there is none. */
export function findBackupCodesDate(userId: string): Statement<Date | null> {
  return map(
    firstRow(
      build
        .select({ createdAt: backupCodes.createdAt })
        .from(backupCodes)
        .where(eq(backupCodes.userId, userId))
        .limit(1),
    ),
    (code) => code?.createdAt ?? null,
  );
}

/** Stores a new set. The set before must be deleted first, which voids its codes (BC-5). */
export function insertBackupCodes(codes: readonly BackupCode[]): Statement<void> {
  return noRows(build.insert(backupCodes).values([...codes]));
}

/** Voids a person's codes, used or not. Does nothing if there are none. */
export function deleteBackupCodes(userId: string): Statement<void> {
  return noRows(build.delete(backupCodes).where(eq(backupCodes.userId, userId)));
}

/** The unused code at a position of a person's set. */
export function findUnusedCode(wanted: {
  readonly userId: string;
  readonly position: number;
}): Statement<BackupCode | null> {
  return firstRow(
    build
      .select()
      .from(backupCodes)
      .where(
        and(
          eq(backupCodes.userId, wanted.userId),
          eq(backupCodes.position, wanted.position),
          isNull(backupCodes.usedAt),
        ),
      ),
  );
}

/** Marks a code as used. Of concurrent calls, exactly one gets the row (BC-3). */
export function spendBackupCode(code: {
  readonly id: string;
  readonly now: Date;
}): Statement<boolean> {
  return hasRows(
    build
      .update(backupCodes)
      .set({ usedAt: code.now })
      .where(and(eq(backupCodes.id, code.id), isNull(backupCodes.usedAt))),
  );
}

/** The number of unused codes, for the mail about a used code. Also 0 without a set. */
export function countUnusedCodes(userId: string): Statement<number> {
  return map(
    firstRow(
      build
        .select({ count: sql<number>`count(*)::int` })
        .from(backupCodes)
        .where(and(eq(backupCodes.userId, userId), isNull(backupCodes.usedAt))),
    ),
    (row) => row?.count ?? 0,
  );
}
