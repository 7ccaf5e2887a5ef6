import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * The devices and networks that a person signed in from, newest first, in one row of bounded size. A sign-in
 * reads this row and never the audit log, so its cost does not grow with the account's history (DR-7).
 */
export const signInOrigins = pgTable('sign_in_origins', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  devices: text('devices').array().notNull(),
  networks: text('networks').array().notNull(),
});

/**
 * The number of failed sign-ins of an address since the last successful one. The key is a keyed hash. An
 * address without an account has a row as well, so that a rejection costs the same for both (LG-2). Rows
 * after `resets_at` have no meaning and are purged.
 */
export const signInFailures = pgTable('sign_in_failures', {
  key: bytea('key').primaryKey(),
  failures: integer('failures').notNull(),
  resetsAt: moment('resets_at').notNull(),
});
