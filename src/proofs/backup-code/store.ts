import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Executor } from '../../db/driver/client.ts';
import { type BackupCode, backupCodes } from '../../db/tables/second-factor.ts';

/** True if the person has a set, even a used-up one. */
export async function hasBackupCodes(executor: Executor, userId: string): Promise<boolean> {
  const [row] = await executor
    .select({ id: backupCodes.id })
    .from(backupCodes)
    .where(eq(backupCodes.userId, userId))
    .limit(1);
  return row !== undefined;
}

/** When a person's set was created; null if there is none. */
export async function findBackupCodesDate(
  executor: Executor,
  userId: string,
): Promise<Date | null> {
  const [code] = await executor
    .select({ createdAt: backupCodes.createdAt })
    .from(backupCodes)
    .where(eq(backupCodes.userId, userId))
    .limit(1);
  return code?.createdAt ?? null;
}

/** Replaces a person's set. The earlier set becomes void (BC-5). */
export async function replaceBackupCodes(
  executor: Executor,
  set: { readonly userId: string; readonly codes: readonly BackupCode[] },
): Promise<void> {
  await deleteBackupCodes(executor, set.userId);
  await executor.insert(backupCodes).values([...set.codes]);
}

/** Voids a person's codes, used or not. Does nothing if there are none. */
export async function deleteBackupCodes(executor: Executor, userId: string): Promise<void> {
  await executor.delete(backupCodes).where(eq(backupCodes.userId, userId));
}

/** The unused code at a position of a person's set. */
export async function findUnusedCode(
  executor: Executor,
  wanted: { readonly userId: string; readonly position: number },
): Promise<BackupCode | null> {
  const [code] = await executor
    .select()
    .from(backupCodes)
    .where(
      and(
        eq(backupCodes.userId, wanted.userId),
        eq(backupCodes.position, wanted.position),
        isNull(backupCodes.usedAt),
      ),
    );
  return code ?? null;
}

/** Uses a code up. Of concurrent calls, exactly one gets the row (BC-3). */
export async function spendBackupCode(
  executor: Executor,
  code: { readonly id: string; readonly now: Date },
): Promise<boolean> {
  const spent = await executor
    .update(backupCodes)
    .set({ usedAt: code.now })
    .where(and(eq(backupCodes.id, code.id), isNull(backupCodes.usedAt)))
    .returning({ id: backupCodes.id });
  return spent.length === 1;
}

/** The number of unused codes, for the mail about a used code. Also 0 without a set. */
export async function countUnusedCodes(executor: Executor, userId: string): Promise<number> {
  const [row] = await executor
    .select({ count: sql<number>`count(*)::int` })
    .from(backupCodes)
    .where(and(eq(backupCodes.userId, userId), isNull(backupCodes.usedAt)));
  return row?.count ?? 0;
}
