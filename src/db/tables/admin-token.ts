import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A token with which a machine calls the administrators' API (AD-5). Only its hash is stored, so a dump of the
 * database gives no access. The row stays after its end, because the audit log refers to it.
 */
export const adminTokens = pgTable('admin_tokens', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  tokenHash: bytea('token_hash').notNull().unique('admin_tokens_token_hash_unique'),
  /** Names of AdminPermission. */
  permissions: text('permissions').array().notNull(),
  createdAt: moment('created_at').notNull(),
  /** The administrator who created the token. Null if a command or another token did, or the account is deleted. */
  createdById: uuid('created_by_id').references(() => users.id, { onDelete: 'set null' }),
  /** The operator's name or the name of the token that created this one. Null for a person, whose address may change. */
  createdByName: text('created_by_name'),
  expiresAt: moment('expires_at').notNull(),
  /** The last call, to the minute: a write for each call would make every reader a writer. */
  lastUsedAt: moment('last_used_at'),
  revokedAt: moment('revoked_at'),
});

/** A row of `admin_tokens`. */
export type AdminToken = typeof adminTokens.$inferSelect;
