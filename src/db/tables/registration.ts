import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * A registration that waits for the proof of its address (PR-11). It is not an account. Several registrations
 * may wait for one address, because each belongs to the browser that holds its token.
 */
export const registrations = pgTable(
  'registrations',
  {
    id: uuid('id').primaryKey(),
    /** Null once the account of the address was deleted. The row then contains nothing about a person. */
    email: text('email'),
    name: text('name'),
    /**
     * Null if the registration can no longer be activated with its password: a sixth registration of the
     * address arrived, or the address was proven.
     */
    passwordHash: text('password_hash'),
    /** HMAC over token, address and password: `login` compares it instead of deriving a hash again. */
    loginTag: bytea('login_tag').notNull(),
    tokenHash: bytea('token_hash').notNull().unique('registrations_token_hash_unique'),
    /**
     * The time of the last `register` call with this token. Only the newest five registrations of an address
     * can be activated.
     */
    renewedAt: moment('renewed_at').notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** The time at which an account got the address. From then on, the row only serves to answer `login`. */
    endedAt: moment('ended_at'),
  },
  (table) => [
    index('registrations_email_index').on(table.email, table.renewedAt),
    check('registrations_email_length', sql`octet_length(${table.email}) between 3 and 254`),
  ],
);

/** A row of `registrations`. */
export type Registration = typeof registrations.$inferSelect;
