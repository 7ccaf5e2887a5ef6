import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * Who added, used and removed which way in, for seven days (PR-12). A row outlives its session and the
 * thing it speaks of: unlinking, signing out and the purge of sessions leave it alone, or a thief could
 * cover their tracks. Only the deletion of the account takes it along.
 */
export const accessLedger = pgTable(
  'access_ledger',
  {
    id: uuid('id').primaryKey(),
    /** The order in which the rows of one account were written; two acts may share a moment. */
    position: bigint('position', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The session that did it; null for a mail's proof, a provider, an operator or the system. */
    sessionId: uuid('session_id'),
    /** `used`: the session began or was stepped up with it. */
    act: text('act').notNull().$type<'added' | 'removed' | 'used'>(),
    /** A kind of access-ledger/kinds.ts. */
    kind: text('kind').notNull(),
    /** Which one, where an account may have several of a kind. */
    thing: text('thing'),
    /** What the person would call it: a provider's id, an address in part. Never a secret. */
    label: text('label'),
    at: moment('at').notNull(),
  },
  (table) => [
    index('access_ledger_user_id_index').on(table.userId),
    check('access_ledger_act', sql`${table.act} in ('added', 'removed', 'used')`),
  ],
);

/**
 * What a session removed, sealed, for as long as an undo may bring it back (PR-12). The id is the one
 * of the ledger's row.
 */
export const removedCredentials = pgTable(
  'removed_credentials',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    sealedContent: bytea('sealed_content').notNull(),
    removedAt: moment('removed_at').notNull(),
  },
  (table) => [index('removed_credentials_user_id_index').on(table.userId)],
);

/** A row of `access_ledger`. */
export type LedgerRow = typeof accessLedger.$inferSelect;

/** A row of `removed_credentials`. */
export type RemovedCredential = typeof removedCredentials.$inferSelect;
