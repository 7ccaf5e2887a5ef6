import { sql } from 'drizzle-orm';
import { boolean, check, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** A person. `email` is in its canonical form (LG-7) and unique by constraint (DR-4). */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull().unique('users_email_unique'),
    emailVerifiedAt: moment('email_verified_at'),
    name: text('name'),
    /** argon2id PHC string; null for a person who only signs in through a provider (PW-11). */
    passwordHash: text('password_hash'),
    /**
     * True if the password was set with a mailed link (a reset). Anyone who can read the mailbox may then
     * know the password, so a code that is sent to the mailbox proves nothing more (EO-6).
     */
    passwordFromMail: boolean('password_from_mail').notNull().default(false),
    /**
     * Increases with every change of the person's credentials. Sessions, challenges and mail proofs contain
     * the version under which they were created and are invalid under any other version (SE-2).
     */
    credentialVersion: integer('credential_version').notNull().default(1),
    disabledAt: moment('disabled_at'),
    /** Increases with every change of the person's roles or attributes. It ends no session (CL-4). */
    claimsVersion: integer('claims_version').notNull().default(1),
    /** Set by administrators and readable by the person. At most 4 KiB of JSON. */
    attributes: jsonb('attributes')
      .notNull()
      .default({})
      .$type<Readonly<Record<string, unknown>>>(),
    /** Device tokens that were issued before this time are invalid: an undo revoked them (PR-12). */
    deviceTokensVoidBefore: moment('device_tokens_void_before'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    check('users_email_length', sql`octet_length(${table.email}) between 3 and 254`),
    check('users_name_length', sql`char_length(${table.name}) between 1 and 200`),
  ],
);

/** A row of `users`. */
export type User = typeof users.$inferSelect;
