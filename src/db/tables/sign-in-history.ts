import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * The devices and networks a person signed in from, newest first, in one row of bounded size: a
 * sign-in reads this row and never the audit log, however much the account has stored (DR-7).
 */
export const signInOrigins = pgTable('sign_in_origins', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  devices: text('devices').array().notNull(),
  networks: text('networks').array().notNull(),
});

/**
 * Refused sign-ins of an address since the last one that succeeded. The key is a keyed hash, and an
 * address without an account has a row as well: refusing one costs what refusing the other costs
 * (LG-2). Rows past `resets_at` mean nothing and are purged.
 */
export const signInFailures = pgTable('sign_in_failures', {
  key: bytea('key').primaryKey(),
  failures: integer('failures').notNull(),
  resetsAt: moment('resets_at').notNull(),
});
