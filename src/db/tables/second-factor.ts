import { index, integer, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

const ofUser = () =>
  uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' });

/**
 * A person's authenticator app, pending until a code of it came back. The id changes with the
 * secret, so that nothing judged by one secret is ever written down for another (TO-6).
 */
export const totpFactors = pgTable('totp_factors', {
  userId: ofUser(),
  id: uuid('id').notNull().unique('totp_factors_id_unique'),
  /** 160 bits, sealed with the person's id as context (TO-5). */
  sealedSecret: bytea('sealed_secret').notNull(),
  /** The newest time step a code was accepted of: that one and all before it are over (TO-3). */
  lastStep: integer('last_step').notNull().default(0),
  createdAt: moment('created_at').notNull(),
  /** A pending secret is worthless from here on; means nothing once it is confirmed. */
  pendingUntil: moment('pending_until').notNull(),
  /** The session that began it: the only one that is shown it again or can confirm it. */
  pendingSessionId: uuid('pending_session_id'),
  /** The network it was begun from: a request from another one is not shown it. */
  pendingNetwork: text('pending_network'),
  confirmedAt: moment('confirmed_at'),
});

/** A person who wants a code by mail as a second factor. Goes to the address they have then. */
export const emailFactors = pgTable('email_factors', {
  userId: ofUser(),
  confirmedAt: moment('confirmed_at').notNull(),
});

/** One backup code. The position is its first character, so that one guess costs one hash (BC-1). */
export const backupCodes = pgTable(
  'backup_codes',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    position: smallint('position').notNull(),
    /** argon2id PHC string (BC-2). */
    hash: text('hash').notNull(),
    createdAt: moment('created_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [unique('backup_codes_user_id_position_unique').on(table.userId, table.position)],
);

/** A first factor that was right and waits for a second one (MF-1). Opens nothing else. */
export const mfaChallenges = pgTable(
  'mfa_challenges',
  {
    id: uuid('id').primaryKey(),
    tokenHash: bytea('token_hash').notNull().unique('mfa_challenges_token_hash_unique'),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** How the first factor was proven, as an `amr` value. */
    firstFactor: text('first_factor').notNull(),
    /** The linked account it was proven with. */
    identityId: uuid('identity_id'),
    /** The challenge dies with any change of what proves the person (MF-2). */
    credentialVersion: integer('credential_version').notNull(),
    /** Tries begun, right or wrong: counted before they are judged (RL-6). */
    attempts: integer('attempts').notNull().default(0),
    /** The mailed code's MAC; the code fits no other challenge (EO-3, EO-4). */
    emailCodeMac: bytea('email_code_mac'),
    emailCodesSent: integer('email_codes_sent').notNull().default(0),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('mfa_challenges_user_id_index').on(table.userId)],
);

/** How many second factors failed on an account within a day, whatever challenge or method (MF-4). */
export const secondFactorFailures = pgTable('second_factor_failures', {
  userId: ofUser(),
  failures: integer('failures').notNull(),
  resetsAt: moment('resets_at').notNull(),
  /** When the person was last told of a failure from where they never signed in (LG-6). */
  elsewhereNotifiedAt: moment('elsewhere_notified_at'),
});

/** A row of `totp_factors`. */
export type TotpFactor = typeof totpFactors.$inferSelect;

/** A row of `email_factors`. */
export type EmailFactor = typeof emailFactors.$inferSelect;

/** A row of `backup_codes`. */
export type BackupCode = typeof backupCodes.$inferSelect;

/** A row of `mfa_challenges`. */
export type MfaChallenge = typeof mfaChallenges.$inferSelect;
