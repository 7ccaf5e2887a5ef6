import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * Whose mails wait for each other. `owner`: somebody caused them who has proven something of the
 * account. `anybody`: a stranger may have caused them. `decoy`: goes all the way of a mail and is not
 * sent: what an address gets that must not be told from one with an account (LG-5).
 */
export type MailQueue = 'owner' | 'anybody' | 'decoy';

/**
 * Mails on their way: the row commits with what caused it. What a mail says (links, codes) is
 * sealed, and wiped once it was handed over (DR-1).
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
    /** A mail that is over is not sent. */
    expiresAt: moment('expires_at').notNull(),
    /** Not to be touched before: a lease while it is being sent, a pause after a failure. */
    nextAttemptAt: moment('next_attempt_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    sentAt: moment('sent_at'),
    deadAt: moment('dead_at'),
  },
  // In the order of claims: of each queue what has been due longest; the leased stand behind.
  (table) => [
    index('mail_outbox_pending_index')
      .on(table.queue, table.nextAttemptAt, table.id)
      .where(sql`${table.sentAt} is null and ${table.deadAt} is null`),
    // The deletion of an account takes the mails to its address (DR-5).
    index('mail_outbox_recipient_index').on(table.recipient),
  ],
);

/** One mail, on its way or over. */
export type OutboxRow = typeof mailOutbox.$inferSelect;
