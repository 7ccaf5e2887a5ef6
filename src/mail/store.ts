import { and, asc, eq, inArray, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { PgInsertValue } from 'drizzle-orm/pg-core';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, noRows, type Statement } from '../db/statement.ts';
import { type MailQueue, mailOutbox, type OutboxRow } from '../db/tables/outbox.ts';
import { after, DAY } from '../kernel/duration.ts';
import type { MailTemplate } from './messages.ts';

/** How long a mail that was sent or given up stays to be looked at. */
const KEPT_AFTER_END = 7 * DAY;

const pending = and(isNull(mailOutbox.sentAt), isNull(mailOutbox.deadAt));

/** Puts a mail, sealed, where the worker finds it after the commit. */
export function insertMail(row: PgInsertValue<typeof mailOutbox>): Statement<void> {
  return noRows(build.insert(mailOutbox).values(row));
}

/**
 * Takes the mail that has been due longest in the first of these queues that has one, for this caller
 * alone until the lease ends. Nothing is held while it is being sent: when the process dies, the lease
 * runs out and another one takes over. A mail that was put back stands behind those that were due
 * before: one that makes the server hang up is not the one mail that is tried again and again while
 * all others wait.
 *
 * The sub-select stands in an array, which makes it run once; in an `in (…)` the planner may run
 * it again a row, and each run would lock another mail. A later queue is only asked when the earlier
 * ones had none.
 */
export function claimMail(lease: {
  readonly queues: readonly MailQueue[];
  readonly now: Date;
  readonly until: Date;
}): Statement<OutboxRow | null> {
  // In a FROM of its own each, because a member of a union may not lock rows itself.
  const due = lease.queues.map(
    (queue) =>
      sql`select id from ${build
        .select({ id: mailOutbox.id })
        .from(mailOutbox)
        .where(and(pending, eq(mailOutbox.queue, queue), lte(mailOutbox.nextAttemptAt, lease.now)))
        .orderBy(asc(mailOutbox.nextAttemptAt), asc(mailOutbox.id))
        .limit(1)
        .for('update', { skipLocked: true })} as oldest`,
  );
  const first = sql`${sql.join(due, sql` union all `)} limit 1`;
  return firstRow(
    build
      .update(mailOutbox)
      .set({ nextAttemptAt: lease.until, attempts: sql`${mailOutbox.attempts} + 1` })
      .where(sql`${mailOutbox.id} = any(array(${first}))`)
      .returning(),
  );
}

/** The mail was handed over, whoever holds its lease by now; what it said is forgotten (DR-1). */
export function markSent(id: string, now: Date): Statement<void> {
  return noRows(
    build
      .update(mailOutbox)
      .set({ sentAt: now, sealedContent: null, lastError: null })
      .where(eq(mailOutbox.id, id)),
  );
}

/**
 * Puts a mail back, unless somebody else has claimed it since. It does not go first again: one that
 * makes the server hang up would otherwise go before the mails that anybody caused for ever.
 */
export function postpone(
  claimed: Pick<OutboxRow, 'id' | 'attempts'>,
  next: { readonly attempts: number; readonly at: Date; readonly reason: string },
): Statement<void> {
  return noRows(
    build
      .update(mailOutbox)
      .set({
        queue: 'anybody',
        attempts: next.attempts,
        nextAttemptAt: next.at,
        lastError: next.reason,
      })
      .where(stillHeld(claimed)),
  );
}

/** Gives a mail up. Its content stays sealed for an operator to revive, unless it is over. */
export function markDead(
  claimed: Pick<OutboxRow, 'id' | 'attempts'>,
  death: { readonly now: Date; readonly reason: string; readonly wipe: boolean },
): Statement<void> {
  return noRows(
    build
      .update(mailOutbox)
      .set({
        deadAt: death.now,
        lastError: death.reason,
        ...(death.wipe ? { sealedContent: null } : {}),
      })
      .where(stillHeld(claimed)),
  );
}

/**
 * Forgets mails to an address, sent or waiting.
 *
 * @param about.only of these templates, or those that have been sent; all when left out
 */
export function deleteMailsTo(about: {
  readonly recipient: string;
  readonly only?: readonly MailTemplate[] | 'sent';
}): Statement<void> {
  const { recipient, only } = about;
  const chosen =
    only === 'sent'
      ? isNotNull(mailOutbox.sentAt)
      : only && inArray(mailOutbox.template, [...only]);
  return noRows(build.delete(mailOutbox).where(and(eq(mailOutbox.recipient, recipient), chosen)));
}

/** Removes what was sent or given up a week ago or longer (DR-6). */
export function purgeMails(page: PurgePage): Statement<PurgedPage> {
  const madeBefore = after(page.now, -KEPT_AFTER_END);
  const isOver = or(lt(mailOutbox.sentAt, madeBefore), lt(mailOutbox.deadAt, madeBefore));
  return purgePage({ table: mailOutbox, key: mailOutbox.id, madeBefore, isOver }, page);
}

function stillHeld(claimed: Pick<OutboxRow, 'id' | 'attempts'>) {
  return and(eq(mailOutbox.id, claimed.id), eq(mailOutbox.attempts, claimed.attempts), pending);
}
