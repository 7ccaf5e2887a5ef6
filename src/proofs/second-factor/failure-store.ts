import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';
import { build, firstRow, hasRows, map, noRows, type Statement } from '../../db/statement.ts';
import { secondFactorFailures as failures } from '../../db/tables/second-factor.ts';
import { after, DAY } from '../../kernel/duration.ts';

/**
 * The number of failed second factors that an account may have in a day, over all challenges and methods
 * (RL-8).
 */
const MAX_DAILY_FAILURES = 30;

/**
 * Counts an attempt on an account before it is verified, in one statement. A right one is refunded. Call it
 * only after a valid challenge or session; otherwise anybody could use up a stranger's daily limit.
 *
 * @returns the number within the day, including this one; null if the daily limit is exhausted
 */
export function countFailure(target: {
  readonly userId: string;
  readonly now: Date;
}): Statement<number | null> {
  const isExpired = sql`${failures.resetsAt} <= ${target.now.toISOString()}::timestamptz`;
  const resetsAt = after(target.now, DAY);
  return map(
    firstRow(
      build
        .insert(failures)
        .values({ userId: target.userId, failures: 1, resetsAt })
        .onConflictDoUpdate({
          target: failures.userId,
          set: {
            failures: sql`case when ${isExpired} then 1 else ${failures.failures} + 1 end`,
            resetsAt: sql`case when ${isExpired} then ${resetsAt.toISOString()}::timestamptz else ${failures.resetsAt} end`,
          },
          setWhere: sql`${isExpired} or ${failures.failures} < ${MAX_DAILY_FAILURES}`,
        })
        .returning({ failures: failures.failures }),
    ),
    (row) => row?.failures ?? null,
  );
}

/** Refunds an attempt that was right or was never verified. */
export function refundFailure(userId: string): Statement<void> {
  return noRows(
    build
      .update(failures)
      .set({ failures: sql`${failures.failures} - 1` })
      .where(and(eq(failures.userId, userId), gt(failures.failures, 0))),
  );
}

/** When an account's daily limit resets. */
export function findReset(userId: string): Statement<Date | null> {
  return map(
    firstRow(
      build
        .select({ resetsAt: failures.resetsAt })
        .from(failures)
        .where(eq(failures.userId, userId)),
    ),
    (row) => row?.resetsAt ?? null,
  );
}

/**
 * Claims the one daily notice about failures from a place without earlier sign-ins. Of concurrent calls,
 * exactly one gets it. The row exists, because an attempt is counted before it is verified.
 */
export function claimElsewhereNotice(target: {
  readonly userId: string;
  readonly now: Date;
}): Statement<boolean> {
  const notifiedAt = failures.elsewhereNotifiedAt;
  return hasRows(
    build
      .update(failures)
      .set({ elsewhereNotifiedAt: target.now })
      .where(
        and(
          eq(failures.userId, target.userId),
          or(isNull(notifiedAt), lte(notifiedAt, after(target.now, -DAY))),
        ),
      ),
  );
}
