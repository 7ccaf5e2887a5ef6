import type { KeyObject } from 'node:crypto';

/** A key access tokens are signed with, opened and ready. */
type SigningKey = { readonly kid: string; readonly privateKey: KeyObject };

/** A key access tokens are checked with. */
type VerificationKey = { readonly kid: string; readonly publicKey: KeyObject };

/** The members of a public ES256 key as published (RFC 7517); never a private one (TK-10). */
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
 * This instance's picture of the keys in the database, kept up to date in the background. Look-ups
 * are exact and in memory: a token's header reaches neither disk nor network (TK-2).
 */
export type AccessTokenKeys = {
  /** The key that signs now. @throws ServiceUnavailableError when none could be loaded */
  signingKey(): SigningKey;
  /** The key of that id while its tokens are good; undefined for any other. */
  verificationKey(kid: string): VerificationKey | undefined;
  /** What is published: the current key, the next one, and those whose tokens may still live. */
  published(): readonly PublicJwk[];
};

/** Whose a good access token is. That its session still lives, it does not say (TK-9). */
export type TokenHolder = { readonly userId: string; readonly sessionId: string };

/** Checks access tokens by their text alone: whether the session still lives is the row's to say. */
export type AccessTokenVerifier = {
  /** @returns null for a token that is not ours, or not good now */
  verify(token: string): TokenHolder | null;
};
