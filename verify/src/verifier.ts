import { compactVerify, errors } from 'jose';
import { type AccessTokenClaims, readClaims, readHeader } from './claims.ts';
import { parseCompact } from './compact.ts';
import { createRemoteKeys } from './keys.ts';

const MAX_TOLERANCE_SECONDS = 30;

/** Whose tokens are taken, and for whom they must be. */
export type VerifierOptions = {
  /** The PUBLIC_URL of the Latchkey server: the tokens' `iss`, exactly. */
  readonly issuer: string;
  /** Its ACCESS_TOKEN_AUDIENCE: the tokens' `aud`, exactly. */
  readonly audience: string;
  /** Where its keys are; below the issuer unless given. */
  readonly jwksUri?: string | URL;
  /** How far this server's clock may be off, 0 to 30 s; 10 unless given. */
  readonly toleranceSeconds?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => Date;
};

/** Checks access tokens by the issuer's published keys. */
export type Verifier = {
  /**
   * @returns null for whatever is not a good token of this issuer for this audience, now
   * @throws KeysUnavailableError when the keys could not be read: answer 503, not 401
   */
  verifyAccessToken(token: string): Promise<AccessTokenClaims | null>;
};

/**
 * Makes a verifier. It asks the issuer for its keys, never about a token: a revoked session's
 * token is good until it is over.
 *
 * @throws RangeError for a tolerance out of range
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, toleranceSeconds = 10, now = () => new Date() } = options;
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= MAX_TOLERANCE_SECONDS)) {
    throw new RangeError(`toleranceSeconds is 0 to ${MAX_TOLERANCE_SECONDS}.`);
  }
  const jwksUri = new URL(options.jwksUri ?? `${issuer}/.well-known/jwks.json`);
  const keys = createRemoteKeys(jwksUri, options.fetch ?? globalThis.fetch);

  return {
    verifyAccessToken: async (token) => {
      const parts = parseCompact(token);
      const kid = readHeader(parts?.header);
      if (parts === null || kid === null) return null;
      // Before the keys: what is not for this server costs no request (TK-2).
      const claims = readClaims(parts.payload, {
        issuer,
        audience,
        now: now(),
        toleranceSeconds,
      });
      const key = claims && (await keys.find(kid));
      if (!key) return null;
      try {
        await compactVerify(token, key, { algorithms: ['ES256'] });
        return claims;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
