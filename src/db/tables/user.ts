import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** A person. `email` is in its canonical form (LG-7) and unique by constraint (DR-4). */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull().unique('users_email_unique'),
    emailVerifiedAt: moment('email_verified_at'),
    name: text('name'),
    /** The https address of a picture, which this server never fetches. */
    picture: text('picture'),
    /** A BCP 47 language tag in canonical form. */
    locale: text('locale'),
    /** The id that the person had in another system. */
    externalId: text('external_id').unique('users_external_id_unique'),
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
    /** Why, in the words of whoever disabled the account. The person does not see it. */
    disabledReason: text('disabled_reason'),
    /** True while a second factor is enrolled. A trigger on the tables of factors keeps it (migration 0010). */
    hasSecondFactor: boolean('has_second_factor').notNull().default(false),
    /**
     * The last sign-in, some minutes late: a sign-in itself writes nothing here. A background task reads it from the
     * audit log.
     */
    lastSignInAt: moment('last_sign_in_at'),
    /** Increases with every change of the person's roles or attributes. It ends no session (CL-4). */
    claimsVersion: integer('claims_version').notNull().default(1),
    /** Set by administrators and readable by the person. At most 4 KiB of JSON. */
    attributes: jsonb('attributes')
      .notNull()
      .default({})
      .$type<Readonly<Record<string, unknown>>>(),
    /** The person's own settings for the application. At most 4 KiB of JSON, and never in a token. */
    preferences: jsonb('preferences')
      .notNull()
      .default({})
      .$type<Readonly<Record<string, unknown>>>(),
    /** Device tokens that were issued before this time are invalid: an undo revoked them (PR-12). */
    deviceTokensVoidBefore: moment('device_tokens_void_before'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    // The administrators' lists: one index behind each filter, in the order of the pages (AD-7). An account is in one
    // index of each pair, so that neither value of a filter reads past the accounts with the other.
    index('users_created_at_index').on(table.createdAt, table.id),
    index('users_verified_index')
      .on(table.createdAt, table.id)
      .where(sql`${table.emailVerifiedAt} is not null`),
    index('users_unverified_index')
      .on(table.createdAt, table.id)
      .where(sql`${table.emailVerifiedAt} is null`),
    index('users_enabled_index')
      .on(table.createdAt, table.id)
      .where(sql`${table.disabledAt} is null`),
    index('users_disabled_index')
      .on(table.createdAt, table.id)
      .where(sql`${table.disabledAt} is not null`),
    index('users_with_second_factor_index')
      .on(table.createdAt, table.id)
      .where(sql`${table.hasSecondFactor}`),
    index('users_without_second_factor_index')
      .on(table.createdAt, table.id)
      .where(sql`not ${table.hasSecondFactor}`),
    // Whoever has never signed in counts from the registration.
    index('users_last_sign_in_index').on(
      sql`coalesce(${table.lastSignInAt}, ${table.createdAt})`,
      table.id,
    ),
    index('users_email_prefix_index').on(table.email.op('text_pattern_ops')),
    check('users_email_length', sql`octet_length(${table.email}) between 3 and 254`),
    check('users_name_length', sql`char_length(${table.name}) between 1 and 200`),
  ],
);

/** A row of `users`. */
export type User = typeof users.$inferSelect;
