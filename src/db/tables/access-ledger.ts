import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * The credentials that were added, used or removed within seven days, and the session that did it (PR-12). A
 * row outlives its session and the credential it describes. Unlinking, signing out and the purge of sessions
 * do not touch it; otherwise a thief could hide their tracks. Only the deletion of the account removes it.
 */
export const accessLedger = pgTable(
  'access_ledger',
  {
    id: uuid('id').primaryKey(),
    /** The order in which the rows of one account were written. Two rows may have the same time. */
    position: bigint('position', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /**
     * The session that made the change. Null if a mailed proof, a provider, an operator or the system made
     * it.
     */
    sessionId: uuid('session_id'),
    /** `used`: the session signed in or was stepped up with this credential. */
    act: text('act').notNull().$type<'added' | 'removed' | 'used'>(),
    /** A credential kind of access-ledger/kinds.ts. */
    kind: text('kind').notNull(),
    /** Identifies the credential if an account may have several of this kind. */
    thing: text('thing'),
    /** A name that the person recognizes: a provider's id or a part of an address. Never a secret. */
    label: text('label'),
    at: moment('at').notNull(),
  },
  (table) => [
    index('access_ledger_user_id_index').on(table.userId),
    check('access_ledger_act', sql`${table.act} in ('added', 'removed', 'used')`),
  ],
);

/**
 * The sealed content of a removed credential, kept as long as an undo may restore it (PR-12). The id is that
 * of the row in the access ledger.
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
