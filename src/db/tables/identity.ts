import { index, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A person's account at a provider. The issuer and the subject identify it and are unique by constraint
 * (OA-5, DR-4). An address may change hands or differ in spelling; a subject never does.
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
    /** The address that the provider reported at linking. It is only displayed, never compared. */
    email: text('email'),
    linkedAt: moment('linked_at').notNull(),
  },
  (table) => [
    unique('identities_issuer_subject_unique').on(table.issuer, table.subject),
    index('identities_user_id_index').on(table.userId),
  ],
);

/**
 * A started OAuth flow. `state` and the flow token are stored as hashes, and the nonce and the PKCE verifier
 * are sealed. So nobody can complete a sign-in with a dump of the database (OA-2, DR-1).
 */
export const oauthFlows = pgTable(
  'oauth_flows',
  {
    id: uuid('id').primaryKey(),
    /** Hash of the `state` that returns through the provider and the browser's address bar. */
    stateHash: bytea('state_hash').notNull().unique('oauth_flows_state_hash_unique'),
    /** Hash of the flow token, which only the browser that started the flow has. */
    flowTokenHash: bytea('flow_token_hash').notNull().unique('oauth_flows_flow_token_hash_unique'),
    provider: text('provider').notNull(),
    redirectUri: text('redirect_uri').notNull(),
    sealedSecrets: bytea('sealed_secrets').notNull(),
    /** The name that the provider posted beside its answer (AP-4). Null if it posted none. */
    sealedProfile: bytea('sealed_profile'),
    /** The account to link the identity to. Null for a sign-in. */
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    /** The session that started the link. The flow ends with that session. */
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
