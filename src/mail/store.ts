import { and, asc, eq, inArray, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { PgInsertValue } from 'drizzle-orm/pg-core';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, firstRow, noRows, type Statement } from '../db/statement.ts';
import { type MailQueue, mailOutbox, type OutboxRow } from '../db/tables/outbox.ts';
import { after, DAY } from '../kernel/duration.ts';
import type { MailTemplate } from './messages.ts';

/** How long a mail is kept after it was sent or given up, for the operator. */
const KEPT_AFTER_END = 7 * DAY;

const pending = and(isNull(mailOutbox.sentAt), isNull(mailOutbox.deadAt));

/** Puts a mail, sealed, where the worker finds it after the commit. */
export function insertMail(row: PgInsertValue<typeof mailOutbox>): Statement<void> {
  return noRows(build.insert(mailOutbox).values(row));
}

/**
 * Claims the mail that has been due longest, from the first of the queues that has one. The claim is a
 * lease: no transaction is open while the mail is being sent. If the process dies, the lease expires
 * and another process claims the mail. A postponed mail comes after those that were due before it, so
 * that a mail at which the server disconnects does not block all others.
 *
 * The sub-select is in an array, which makes it run once. In an `in (…)` the planner may run it once
 * for each row, and each run would lock another mail. A later queue is read only if the earlier ones
 * are empty.
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

/**
 * Records that the mail server accepted the mail, even if another worker has the lease by now. The content is
 * erased (DR-1).
 */
export function markSent(id: string, now: Date): Statement<void> {
  return noRows(
    build
      .update(mailOutbox)
      .set({ sentAt: now, sealedContent: null, lastError: null })
      .where(eq(mailOutbox.id, id)),
  );
}

/**
 * Postpones a mail, unless another process has claimed it since. The mail moves to the queue of
 * strangers: otherwise a mail at which the server disconnects would always be sent before theirs.
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

/** Gives up a mail. Its content stays sealed, so that an operator can revive it, unless `wipe`. */
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
 * Deletes the mails to an address, sent or waiting.
 *
 * @param about.only restricts the deletion to templates or to sent mails
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

/** Purges the mails that were sent or given up at least a week ago (DR-6). */
export function purgeMails(page: PurgePage): Statement<PurgedPage> {
  const madeBefore = after(page.now, -KEPT_AFTER_END);
  const isExpired = or(lt(mailOutbox.sentAt, madeBefore), lt(mailOutbox.deadAt, madeBefore));
  return purgePage({ table: mailOutbox, key: mailOutbox.id, madeBefore, isExpired }, page);
}

function stillHeld(claimed: Pick<OutboxRow, 'id' | 'attempts'>) {
  return and(eq(mailOutbox.id, claimed.id), eq(mailOutbox.attempts, claimed.attempts), pending);
}
