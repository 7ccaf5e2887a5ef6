import type { AccessTokenClaims } from './claims.ts';
import type { Verifier } from './verifier.ts';

/**
 * The name of the scheme in upper or lower case, and one space (RFC 6750 2.1, RFC 9110 11.1). The rest is
 * treated as one token.
 */
const BEARER = /^Bearer (.+)$/is;

/**
 * Authenticates a request by its Authorization header.
 *
 * @returns null if the header is missing or does not contain exactly one valid token
 * @throws KeysUnavailableError if the issuer's keys could not be read
 */
export async function authenticateHeader(
  verifier: Verifier,
  header: string | null | undefined,
): Promise<AccessTokenClaims | null> {
  const token = BEARER.exec(header ?? '')?.[1];
  return token === undefined ? null : verifier.verifyAccessToken(token);
}
