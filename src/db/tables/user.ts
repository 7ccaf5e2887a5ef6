import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
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
     * The password was set with a mail (a reset), so whoever reads the mailbox may know it: a code
     * sent there proves nothing beside it (EO-6).
     */
    passwordFromMail: boolean('password_from_mail').notNull().default(false),
    /**
     * Grows with every change of what proves this person. Sessions, challenges and mail proofs
     * carry the version they were made under and are worthless under another (SE-2).
     */
    credentialVersion: integer('credential_version').notNull().default(1),
    disabledAt: moment('disabled_at'),
    /** A device token issued earlier is none: an undo ended it (PR-12). */
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
