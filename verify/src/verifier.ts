import { compactVerify, errors } from 'jose';
import { type AccessTokenClaims, readClaims, readHeader } from './claims.ts';
import { parseCompact } from './compact.ts';
import { createRemoteKeys } from './keys.ts';
import { AccessTokenRefusedError, type Refusal, refusal } from './refusal.ts';

const MAX_TOLERANCE_SECONDS = 30;

/** Options of `createVerifier`: whose tokens are accepted, and for which audience. */
export type VerifierOptions = {
  /** The PUBLIC_URL of the Latchkey server. Must equal the `iss` claim exactly. */
  readonly issuer: string;
  /** The ACCESS_TOKEN_AUDIENCE of the Latchkey server. Must equal the `aud` claim exactly. */
  readonly audience: string;
  /** The URL of the issuer's keys. By default, a path below the issuer. */
  readonly jwksUri?: string | URL;
  /** How far this server's clock may differ from the issuer's, from 0 to 30 s. The default is 10. */
  readonly toleranceSeconds?: number;
  /**
   * Called for every rejected token, for logging: `({ reason, hint }) => log.debug({ reason, hint })`. Anybody
   * can send a token that is rejected for any reason, so no decision should depend on it.
   */
  readonly onRefused?: (refusal: Refusal) => void;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => Date;
};

/** Verifies access tokens with the issuer's published keys. */
export type Verifier = {
  /**
   * @returns null for anything that is not a valid token of this issuer for this audience
   * @throws KeysUnavailableError if the keys could not be read: answer 503, not 401
   */
  verifyAccessToken(token: string): Promise<AccessTokenClaims | null>;
  /**
   * Like `verifyAccessToken`, with the reason for a rejection.
   *
   * @throws AccessTokenRefusedError for anything that is not a valid token
   * @throws KeysUnavailableError if the keys could not be read: answer 503, not 401
   */
  verifyOrThrow(token: string): Promise<AccessTokenClaims>;
};

/**
 * Creates a verifier. It requests only the issuer's keys and never asks about a single token, so the token of a
 * revoked session remains valid until it expires.
 *
 * @throws RangeError for a tolerance out of range
 * @throws TypeError for an issuer that cannot be a Latchkey server, because every token would be rejected
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
    // Checked before the keys, so that a token for another server causes no request (TK-2).
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

/** PUBLIC_URL is an origin and `iss` equals it. With any other issuer, every token would be rejected. */
function requireOrigin(issuer: string): void {
  const url = URL.parse(issuer);
  if (url && /^https?:$/.test(url.protocol) && url.origin === issuer) return;
  const example = url && /^https?:$/.test(url.protocol) ? url.origin : 'https://auth.example.com';
  throw new TypeError(
    `issuer must be PUBLIC_URL of the Latchkey server, exactly: an origin without a path or a slash at the end, as in ${example}.`,
  );
}
