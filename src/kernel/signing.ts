import type { KeyObject } from 'node:crypto';

/** A private key that access tokens are signed with. */
type SigningKey = { readonly kid: string; readonly privateKey: KeyObject };

/** A public key that access tokens are verified with. */
type VerificationKey = { readonly kid: string; readonly publicKey: KeyObject };

/** The members of a published public ES256 key (RFC 7517); never a private member (TK-10). */
export type PublicJwk = {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
};

/**
 * This instance's copy of the keys in the database, refreshed in the background. Lookups are exact and in
 * memory: a token's header causes neither disk nor network access (TK-2).
 */
export type AccessTokenKeys = {
  /**
   * The key that signs now.
   *
   * @throws ServiceUnavailableError if none could be loaded
   */
  signingKey(): SigningKey;
  /** The key with that id while its tokens are valid; undefined otherwise. */
  verificationKey(kid: string): VerificationKey | undefined;
  /** The published keys: the current key, the next one, and those whose tokens may still be valid. */
  published(): readonly PublicJwk[];
};

/** The holder of a valid access token. A valid token does not prove that its session is still active (TK-9). */
export type TokenHolder = { readonly userId: string; readonly sessionId: string };

/** Verifies access tokens by their text alone. Whether the session is still active is decided by its row. */
export type AccessTokenVerifier = {
  /** @returns null for a token that this server did not issue or that is not valid now */
  verify(token: string): TokenHolder | null;
};
