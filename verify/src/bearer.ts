import type { AccessTokenClaims } from './claims.ts';
import type { Verifier } from './verifier.ts';

/** The scheme's name in any case, one space, one token (RFC 6750 2.1, RFC 9110 11.1). */
const BEARER = /^Bearer ([^\s,]+)$/i;

/**
 * Whose request this is, by its Authorization header.
 *
 * @returns null for nobody, and for anything that is not one good token
 * @throws KeysUnavailableError
 */
export async function authenticateHeader(
  verifier: Verifier,
  header: string | null | undefined,
): Promise<AccessTokenClaims | null> {
  const token = BEARER.exec(header ?? '')?.[1];
  return token === undefined ? null : verifier.verifyAccessToken(token);
}
