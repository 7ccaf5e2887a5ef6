import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * Mails of one queue wait for each other. `owner`: mails caused by somebody who has proven a credential of
 * the account. `anybody`: mails that a stranger may have caused. `decoy`: mails that are processed like all
 * others and not sent. An address without an account gets a decoy, so that it cannot be distinguished from an
 * address with one (LG-5).
 */
export type MailQueue = 'owner' | 'anybody' | 'decoy';

/**
 * The outbox of mails. A row commits together with the change that caused the mail. The content (links,
 * codes) is sealed, and it is erased once the mail server has accepted the mail (DR-1).
 */
export const mailOutbox = pgTable(
  'mail_outbox',
  {
    id: uuid('id').primaryKey(),
    recipient: text('recipient').notNull(),
    template: text('template').notNull(),
    queue: text('queue').$type<MailQueue>().notNull(),
    sealedContent: bytea('sealed_content'),
    createdAt: moment('created_at').notNull(),
    /** An expired mail is not sent. */
    expiresAt: moment('expires_at').notNull(),
    /**
     * No worker may claim the mail before this time: the end of a lease while the mail is being sent, or of a
     * pause after a failure.
     */
    nextAttemptAt: moment('next_attempt_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    sentAt: moment('sent_at'),
    deadAt: moment('dead_at'),
  },
  // Workers claim mails in this order: within each queue, the mail that has been due longest comes first.
  // Leased mails come last.
  (table) => [
    index('mail_outbox_pending_index')
      .on(table.queue, table.nextAttemptAt, table.id)
      .where(sql`${table.sentAt} is null and ${table.deadAt} is null`),
    // Few mails are given up. Administrators see them without a walk over those that were sent.
    index('mail_outbox_dead_index').on(table.deadAt).where(sql`${table.deadAt} is not null`),
    // The deletion of an account deletes the mails to its address (DR-5).
    index('mail_outbox_recipient_index').on(table.recipient),
  ],
);

/** One mail: waiting, sent, or given up. */
export type OutboxRow = typeof mailOutbox.$inferSelect;
