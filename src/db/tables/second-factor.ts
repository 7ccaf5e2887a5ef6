import { index, integer, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

const ofUser = () =>
  uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' });

/**
 * A person's authenticator app, pending until the person has entered one of its codes. A new secret gets a
 * new id, so that a verification with one secret is never recorded for another (TO-6).
 */
export const totpFactors = pgTable('totp_factors', {
  userId: ofUser(),
  id: uuid('id').notNull().unique('totp_factors_id_unique'),
  /** 160 bits, sealed with the person's id as context (TO-5). */
  sealedSecret: bytea('sealed_secret').notNull(),
  /**
   * The newest time step whose code was accepted. Codes of this step and of earlier steps are rejected
   * (TO-3).
   */
  lastStep: integer('last_step').notNull().default(0),
  createdAt: moment('created_at').notNull(),
  /** A pending secret expires at this time. Without meaning once the app is confirmed. */
  pendingUntil: moment('pending_until').notNull(),
  /** The session that started the enrollment. Only this session can see the secret again or confirm it. */
  pendingSessionId: uuid('pending_session_id'),
  /** The network that started the enrollment. Requests from other networks cannot see the secret. */
  pendingNetwork: text('pending_network'),
  confirmedAt: moment('confirmed_at'),
});

/**
 * A person who uses mailed codes as a second factor. A code is sent to the address that the account has at
 * that time.
 */
export const emailFactors = pgTable('email_factors', {
  userId: ofUser(),
  confirmedAt: moment('confirmed_at').notNull(),
});

/**
 * One backup code. Its first character is the position, so that verifying one guess takes one hash (BC-1).
 */
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

/**
 * A challenge: the first factor was proven and the second is still missing (MF-1). The challenge gives access
 * to nothing else.
 */
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
    /** The linked account that proved the first factor. */
    identityId: uuid('identity_id'),
    /** Any change of the person's credentials invalidates the challenge (MF-2). */
    credentialVersion: integer('credential_version').notNull(),
    /** The number of attempts, right or wrong. An attempt is counted before its code is verified (RL-6). */
    attempts: integer('attempts').notNull().default(0),
    /** The MAC of the mailed code. The code is valid for this challenge only (EO-3, EO-4). */
    emailCodeMac: bytea('email_code_mac'),
    emailCodesSent: integer('email_codes_sent').notNull().default(0),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('mfa_challenges_user_id_index').on(table.userId)],
);

/**
 * The number of second-factor failures of an account within a day, across all challenges and methods (MF-4).
 */
export const secondFactorFailures = pgTable('second_factor_failures', {
  userId: ofUser(),
  failures: integer('failures').notNull(),
  resetsAt: moment('resets_at').notNull(),
  /**
   * The time of the last notice to the person about a failure from a place without earlier sign-ins (LG-6).
   */
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
