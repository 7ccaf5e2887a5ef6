import { index, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A person's account at a provider. Its key is the issuer and the subject, unique by constraint
 * (OA-5, DR-4): an address may change hands or differ in spelling, a subject never does.
 */
export const identities = pgTable(
  'identities',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    /** As the provider told it when the link was made; only ever shown, never compared. */
    email: text('email'),
    linkedAt: moment('linked_at').notNull(),
  },
  (table) => [
    unique('identities_issuer_subject_unique').on(table.issuer, table.subject),
    index('identities_user_id_index').on(table.userId),
  ],
);

/**
 * A round trip to a provider that somebody began. `state` and the flow token are hashed, nonce and
 * PKCE verifier sealed: a dump completes no sign-in (OA-2, DR-1).
 */
export const oauthFlows = pgTable(
  'oauth_flows',
  {
    id: uuid('id').primaryKey(),
    /** Of what comes back through the provider and the browser's address bar. */
    stateHash: bytea('state_hash').notNull().unique('oauth_flows_state_hash_unique'),
    /** Of what only the browser that began holds. */
    flowTokenHash: bytea('flow_token_hash').notNull().unique('oauth_flows_flow_token_hash_unique'),
    provider: text('provider').notNull(),
    redirectUri: text('redirect_uri').notNull(),
    sealedSecrets: bytea('sealed_secrets').notNull(),
    /** Whose account the identity is to be linked to; null for a sign-in. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** The session that asked for the link: it ends with it. */
    sessionId: uuid('session_id'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('oauth_flows_user_id_index').on(table.userId)],
);

/** A row of `identities`. */
export type Identity = typeof identities.$inferSelect;

/** A row of `oauth_flows`. */
export type OAuthFlow = typeof oauthFlows.$inferSelect;
