import { pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';

/**
 * The keys that sign access tokens. The private key is sealed with the kid as context (TK-12), and the public
 * key is derived from it. So a row that this server did not seal publishes nothing and verifies nothing. The
 * time at which a key retires is derived from the `active_from` of the other keys.
 */
export const signingKeys = pgTable('signing_keys', {
  /** RFC 7638 thumbprint of the public key. */
  kid: text('kid').primaryKey(),
  /** PKCS #8. */
  sealedPrivateKey: bytea('sealed_private_key').notNull(),
  /** The key is published from this time on. */
  createdAt: moment('created_at').notNull(),
  /** The key signs from this time on. Until then it is only published (TK-10). */
  activeFrom: moment('active_from').notNull(),
  /** The time of an emergency revocation. From then on, tokens signed with the key are rejected (TK-11). */
  revokedAt: moment('revoked_at'),
});

/** One signing key, sealed. */
export type SigningKeyRow = typeof signingKeys.$inferSelect;
