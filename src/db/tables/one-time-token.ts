import { index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A mail proof: one row for each purpose, address and subject. A newer request about the same subject
 * replaces the row and keeps its attempt count (PR-1, EO-2). Proofs about different subjects, such as two
 * registrations or two changes, exist side by side. So nobody can invalidate another person's mail by
 * requesting one themselves. Both the token in the link and the code redeem the row.
 */
export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    id: uuid('id').primaryKey(),
    purpose: text('purpose').notNull(),
    /** The address that the mail was sent to, which is the address that the proof proves. */
    email: text('email').notNull(),
    /** The account that the proof belongs to. Null if there is no account yet. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /**
     * The subject of the proof besides the address: a registration, a session or a person. The column is free
     * text, so that a row for an unknown address costs as much as a row for an account (LG-5).
     */
    subject: text('subject'),
    credentialVersion: integer('credential_version'),
    /** The change that a link undoes: a row of the access ledger (PR-12). */
    changeId: uuid('change_id'),
    /** The IP address that requested the mail, for the page that the link opens. */
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    /**
     * The registration or account that the code of an address proof belongs to. Null if the mail contained
     * only a link (PR-11).
     */
    codeHolder: uuid('code_holder'),
    tokenHash: bytea('token_hash').notNull().unique('one_time_tokens_token_hash_unique'),
    codeMac: bytea('code_mac').notNull(),
    failedAttempts: integer('failed_attempts').notNull().default(0),
    budgetResetsAt: moment('budget_resets_at').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** A code can be guessed and a token cannot, so the code expires earlier (EO-2). */
    codeExpiresAt: moment('code_expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [
    // The address comes first because the deletion of an account looks up all purposes of one address (DR-5).
    unique('one_time_tokens_email_purpose_subject_unique')
      .on(table.email, table.purpose, table.subject)
      .nullsNotDistinct(),
    index('one_time_tokens_user_id_index').on(table.userId),
    index('one_time_tokens_subject_index').on(table.subject),
  ],
);

/** A row of `one_time_tokens`. */
export type OneTimeToken = typeof oneTimeTokens.$inferSelect;
