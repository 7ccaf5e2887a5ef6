import { index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A mail proof: one row for each purpose, address and subject. A newer request about the same subject
 * replaces the row and keeps its attempt budget (PR-1, EO-2); proofs about different subjects (two
 * registrations, two changes) live beside one another, so that nobody can void another person's mail
 * by causing one of their own. The link's token and the code are two doors to the row.
 */
export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    id: uuid('id').primaryKey(),
    purpose: text('purpose').notNull(),
    /** Where the mail went: the proof is one of this address. */
    email: text('email').notNull(),
    /** Whose proof it is; null while there is no account. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /**
     * What the proof is about beyond the address: a registration, a session, a person. Free text, so
     * that a row for nobody costs what a row for somebody costs (LG-5).
     */
    subject: text('subject'),
    credentialVersion: integer('credential_version'),
    /** Which change a link undoes: a row of the ledger (PR-12). */
    changeId: uuid('change_id'),
    /** Where the mail was asked for, for the page that its link opens. */
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    /**
     * Whose code it is, for a proof of an address: a registration or an account. Null where the mail
     * carried a link alone (PR-11).
     */
    codeHolder: uuid('code_holder'),
    tokenHash: bytea('token_hash').notNull().unique('one_time_tokens_token_hash_unique'),
    codeMac: bytea('code_mac').notNull(),
    failedAttempts: integer('failed_attempts').notNull().default(0),
    budgetResetsAt: moment('budget_resets_at').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** A code is guessable where a token is not, so it lives shorter (EO-2). */
    codeExpiresAt: moment('code_expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [
    // The address first: the deletion of an account looks for all purposes of one (DR-5).
    unique('one_time_tokens_email_purpose_subject_unique')
      .on(table.email, table.purpose, table.subject)
      .nullsNotDistinct(),
    index('one_time_tokens_user_id_index').on(table.userId),
    index('one_time_tokens_subject_index').on(table.subject),
  ],
);

/** A row of `one_time_tokens`. */
export type OneTimeToken = typeof oneTimeTokens.$inferSelect;
