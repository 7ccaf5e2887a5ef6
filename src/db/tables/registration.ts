import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * A registration that waits for the proof of its address (PR-11). It is no account, and several may
 * wait for one address: each belongs to the browser that holds its token.
 */
export const registrations = pgTable(
  'registrations',
  {
    id: uuid('id').primaryKey(),
    /** Null once the account of the address was deleted: what is left then tells of nobody. */
    email: text('email'),
    name: text('name'),
    /** Null when it may not activate with its password: a sixth came, or the address was proven. */
    passwordHash: text('password_hash'),
    /** HMAC over token, address and password: `login` compares it instead of deriving a hash again. */
    loginTag: bytea('login_tag').notNull(),
    tokenHash: bytea('token_hash').notNull().unique('registrations_token_hash_unique'),
    /** When `register` last came with this token: the newest five may activate. */
    renewedAt: moment('renewed_at').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** Since when an account has the address; the row only goes on answering `login`. */
    endedAt: moment('ended_at'),
  },
  (table) => [
    index('registrations_email_index').on(table.email, table.renewedAt),
    check('registrations_email_length', sql`octet_length(${table.email}) between 3 and 254`),
  ],
);

/** A row of `registrations`. */
export type Registration = typeof registrations.$inferSelect;
