import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * An invitation that has not been accepted: at most one for each address. Inviting again replaces the row, so an earlier
 * mail is void (AD-8). It becomes an account when it is accepted, with the roles of this row.
 */
export const invitations = pgTable(
  'invitations',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull().unique('invitations_email_unique'),
    /** The account that an administrator has already created for the address; null if accepting creates it. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    tokenHash: bytea('token_hash').notNull().unique('invitations_token_hash_unique'),
    roles: text('roles').array().notNull(),
    name: text('name'),
    locale: text('locale'),
    /** The administrator who invited. Null if a token did, or the account is deleted. */
    invitedById: uuid('invited_by_id').references(() => users.id, { onDelete: 'set null' }),
    /** The name of the token that invited. Null for a person, whose address may change. */
    invitedByName: text('invited_by_name'),
    /**
     * The token that invited. Not a reference: the row of a token stays for a year after its end, longer than any
     * invitation.
     */
    invitedByTokenId: uuid('invited_by_token_id'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    index('invitations_user_id_index').on(table.userId),
    index('invitations_invited_by_id_index').on(table.invitedById),
    check('invitations_email_length', sql`octet_length(${table.email}) between 3 and 254`),
  ],
);

/** A row of `invitations`. */
export type Invitation = typeof invitations.$inferSelect;
