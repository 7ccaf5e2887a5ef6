import { compactVerify, errors } from 'jose';
import { type AccessTokenClaims, readClaims, readHeader } from './claims.ts';
import { parseCompact } from './compact.ts';
import { createRemoteKeys } from './keys.ts';
import { AccessTokenRefusedError, type Refusal, refusal } from './refusal.ts';

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
  /**
   * Told of every refused token: for the log, `({ reason, hint }) => log.debug({ reason, hint })`. A token
   * can be made to be refused for any reason, so nothing should depend on it.
   */
  readonly onRefused?: (refusal: Refusal) => void;
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
  /**
   * @throws AccessTokenRefusedError with the reason, for the same tokens
   * @throws KeysUnavailableError when the keys could not be read: answer 503, not 401
   */
  verifyOrThrow(token: string): Promise<AccessTokenClaims>;
};

/**
 * Makes a verifier. It asks the issuer for its keys, never about a token: a revoked session's
 * token is good until it is over.
 *
 * @throws RangeError for a tolerance out of range
 * @throws TypeError for an issuer that no Latchkey server is: every token would be refused
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, toleranceSeconds = 10, now = () => new Date() } = options;
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= MAX_TOLERANCE_SECONDS)) {
    throw new RangeError(`toleranceSeconds is 0 to ${MAX_TOLERANCE_SECONDS}.`);
  }
  requireOrigin(issuer);
  if (audience === '')
    throw new TypeError('audience must be the ACCESS_TOKEN_AUDIENCE of the issuer.');
  const jwksUri = new URL(options.jwksUri ?? `${issuer}/.well-known/jwks.json`);
  const keys = createRemoteKeys(jwksUri, options.fetch ?? globalThis.fetch);

  const examine = async (token: string): Promise<AccessTokenClaims | Refusal> => {
    const parts = parseCompact(token);
    if (parts === null) return refusal('malformed');
    const header = readHeader(parts.header);
    if ('reason' in header) return header;
    // Before the keys: what is not for this server costs no request (TK-2).
    const expected = { issuer, audience, now: now(), toleranceSeconds };
    const claims = readClaims(parts.payload, expected);
    if ('reason' in claims) return claims;
    const key = await keys.find(header.kid);
    if (!key) return refusal('key-unknown');
    try {
      await compactVerify(token, key, { algorithms: ['ES256'] });
      return claims;
    } catch (error) {
      if (error instanceof errors.JOSEError) return refusal('signature');
      throw error;
    }
  };
  const verify = async (token: string): Promise<AccessTokenClaims | Refusal> => {
    const result = await examine(token);
    if ('reason' in result) options.onRefused?.(result);
    return result;
  };

  return {
    verifyAccessToken: async (token) => {
      const result = await verify(token);
      return 'reason' in result ? null : result;
    },
    verifyOrThrow: async (token) => {
      const result = await verify(token);
      if ('reason' in result) throw new AccessTokenRefusedError(result);
      return result;
    },
  };
}

/** PUBLIC_URL is an origin, and `iss` is that, so anything else is a mistake that every token would meet. */
function requireOrigin(issuer: string): void {
  const url = URL.parse(issuer);
  if (url && /^https?:$/.test(url.protocol) && url.origin === issuer) return;
  const example = url && /^https?:$/.test(url.protocol) ? url.origin : 'https://auth.example.com';
  throw new TypeError(
    `issuer must be PUBLIC_URL of the Latchkey server, exactly: an origin without a path or a slash at the end, as in ${example}.`,
  );
}
