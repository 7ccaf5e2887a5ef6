import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A handover token that has not been used: an administrator may exchange it once for a session of the person (IM-4). Using
 * it deletes the row.
 */
export const handovers = pgTable(
  'handovers',
  {
    id: uuid('id').primaryKey(),
    tokenHash: bytea('token_hash').notNull().unique('handovers_token_hash_unique'),
    /** The person whose account is entered. */
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    impersonatorId: uuid('impersonator_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The impersonation ends with this session (IM-3). */
    impersonatorSessionId: uuid('impersonator_session_id').notNull(),
    reason: text('reason').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    index('handovers_user_id_index').on(table.userId),
    index('handovers_impersonator_id_index').on(table.impersonatorId),
  ],
);

/** A row of `handovers`. */
export type Handover = typeof handovers.$inferSelect;
