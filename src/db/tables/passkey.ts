import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

const ofUser = () =>
  uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' });

/** A passkey: a key pair of a person's authenticator, of which the server has the public key. */
export const passkeys = pgTable(
  'passkeys',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Chosen by the authenticator, and unique over all accounts by constraint (PK-4a). */
    credentialId: bytea('credential_id').notNull().unique('passkeys_credential_id_unique'),
    /** The public key as the authenticator encodes it (COSE_Key, RFC 9052). */
    publicKey: bytea('public_key').notNull(),
    /** The COSE algorithm of the key: -7 ES256, -8 EdDSA, -257 RS256. */
    algorithm: integer('algorithm').notNull(),
    /** The highest signature counter seen. It never falls; 0 for an authenticator that does not count. */
    counter: bigint('counter', { mode: 'number' }).notNull(),
    /** True if the passkey can be synced to other devices. An authenticator never changes this. */
    backupEligible: boolean('backup_eligible').notNull(),
    backedUp: boolean('backed_up').notNull(),
    /** The model of the authenticator, as it calls itself; null if it does not say. */
    aaguid: uuid('aaguid'),
    /** How browsers reach the authenticator, for the options of later ceremonies. */
    transports: text('transports').array().notNull(),
    name: text('name').notNull(),
    createdAt: moment('created_at').notNull(),
    lastUsedAt: moment('last_used_at'),
    /** When it was last reported that the signature counter had not risen (PK-3). */
    counterAlarmAt: moment('counter_alarm_at'),
  },
  (table) => [
    index('passkeys_user_id_index').on(table.userId),
    // L3 4: an authenticator's credential id has at most 1023 bytes.
    check(
      'passkeys_credential_id_length',
      sql`octet_length(${table.credentialId}) between 1 and 1023`,
    ),
    check('passkeys_name_length', sql`char_length(${table.name}) between 1 and 200`),
  ],
);

/**
 * The user handle of a person: 64 random bytes, by which authenticators tell accounts apart (PK-4b). It stays
 * when the last passkey is removed, so that a page can report to the authenticator that none remains, and so that a
 * new passkey replaces the removed one there. A take-over ends it, because it was the earlier claimant's (PR-8).
 */
export const passkeyHandles = pgTable('passkey_handles', {
  userId: ofUser(),
  handle: bytea('handle').notNull().unique('passkey_handles_handle_unique'),
});

/** A person whose passkeys are a second factor, by their own choice (PK-5c). */
export const passkeyFactors = pgTable('passkey_factors', {
  userId: ofUser(),
  confirmedAt: moment('confirmed_at').notNull(),
});

/**
 * The ceremonies that were presented once. Starting a ceremony writes nothing: everything about it is sealed
 * in its token, and the row that its first presentation inserts makes every other presentation fail (PK-1a).
 */
export const spentCeremonies = pgTable('spent_ceremonies', {
  id: uuid('id').primaryKey(),
  /** The expiry of the token. The row is kept longer, for instances whose clock is behind (PK-1a). */
  expiresAt: moment('expires_at').notNull(),
});

/** A row of `passkeys`. */
export type Passkey = typeof passkeys.$inferSelect;

/** A row of `passkey_factors`. */
export type PasskeyFactor = typeof passkeyFactors.$inferSelect;
