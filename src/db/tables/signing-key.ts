import { pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * The keys access tokens are signed with. The private half is sealed with the kid as its context
 * (TK-12), and the public half is derived from it: a row that this server did not seal publishes
 * nothing and verifies nothing. When a key retires follows from the others' `active_from`.
 */
export const signingKeys = pgTable('signing_keys', {
  /** RFC 7638 thumbprint of the public key. */
  kid: text('kid').primaryKey(),
  /** PKCS #8. */
  sealedPrivateKey: bytea('sealed_private_key').notNull(),
  /** Published from here on. */
  createdAt: moment('created_at').notNull(),
  /** Signs from here on; until then it is only published (TK-10). */
  activeFrom: moment('active_from').notNull(),
  /** Emergency: from here on its tokens are refused (TK-11). */
  revokedAt: moment('revoked_at'),
});

/** One signing key, sealed. */
export type SigningKeyRow = typeof signingKeys.$inferSelect;
