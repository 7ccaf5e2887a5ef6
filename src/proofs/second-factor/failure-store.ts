import { and, eq, gt, isNull, lte, or, sql } from 'drizzle-orm';
import { build, firstRow, hasRows, map, noRows, type Statement } from '../../db/statement.ts';
import { secondFactorFailures as failures } from '../../db/tables/second-factor.ts';
import { after, DAY } from '../../kernel/duration.ts';

/** Failed second factors an account takes in a day, over all challenges and methods (RL-8). */
const MAX_DAILY_FAILURES = 30;

/**
 * Counts a try on an account before it is judged, in one statement; a right one is taken back.
 * Call it only after a valid challenge or session, or anybody could use up a stranger's day.
 *
 * @returns how many there are within the day, this one included; null when the day is used up
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

/** Takes back a try that was right, or never judged. */
export function refundFailure(userId: string): Statement<void> {
  return noRows(
    build
      .update(failures)
      .set({ failures: sql`${failures.failures} - 1` })
      .where(and(eq(failures.userId, userId), gt(failures.failures, 0))),
  );
}

/** When an account's day is over. */
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
 * Claims the one notice a day of failures from where the person never signed in. Of racers one gets
 * it. The row is there: a try is counted before it is judged.
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
