import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A session and its whole refresh-token family in one row. Rotation, logout, revocation and password reset
 * all contend for this row, so none of them can miss another (RR-3, RR-4).
 *
 * No index contains a column that a rotation changes, so the update stays heap-only.
 */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    refreshHash: bytea('refresh_hash').notNull(),
    previousRefreshHash: bytea('previous_refresh_hash'),
    /**
     * 16 random bytes from which every refresh token of the session is derived. Without them, the server's
     * keys and a spent token do not yield the current token (RR-14).
     */
    refreshSalt: bytea('refresh_salt').notNull(),
    rotatedAt: moment('rotated_at').notNull(),
    createdAt: moment('created_at').notNull(),
    lastUsedAt: moment('last_used_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    absoluteExpiresAt: moment('absolute_expires_at').notNull(),
    authenticatedAt: moment('authenticated_at').notNull(),
    /** When a second factor was last proven on this session; null when it never was. */
    secondFactorAt: moment('second_factor_at'),
    /** The `amr` values of the proven factors (RFC 8176). */
    methods: text('methods').array().notNull(),
    credentialVersion: integer('credential_version').notNull(),
    /**
     * The linked account that the session signed in with. Unlinking that account ends the session (SE-10).
     */
    identityId: uuid('identity_id'),
    /**
     * The administrator who acts as this person, and the session in which they do; null for the person (IM-1). After the
     * administrator's account was deleted, the random id that has taken its place in the audit log.
     */
    impersonatorId: uuid('impersonator_id'),
    impersonatorSessionId: uuid('impersonator_session_id'),
    /** The number of refreshes in the current hour, which ends at `refreshesResetAt` (RL-14). */
    refreshes: integer('refreshes').notNull().default(0),
    refreshesResetAt: moment('refreshes_reset_at'),
    revokedAt: moment('revoked_at'),
    revokedBecause: text('revoked_because'),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
  },
  (table) => [
    index('sessions_user_id_index').on(table.userId),
    // Eviction keeps at most 50 sessions of a person in this index, however many rows the account has (DR-7).
    index('sessions_unrevoked_index')
      .on(table.userId, table.id)
      .where(sql`${table.revokedAt} is null`),
    // The deletion of an administrator ends the sessions in which they act as somebody, and removes their name from them.
    index('sessions_impersonator_id_index')
      .on(table.impersonatorId)
      .where(sql`${table.impersonatorId} is not null`),
  ],
);

/** A row of `sessions`. */
export type Session = typeof sessions.$inferSelect;
