import type { AccessTokenClaims } from './claims.ts';
import type { Verifier } from './verifier.ts';

/**
 * The scheme's name in any case, and one space (RFC 6750 2.1, RFC 9110 11.1). What follows is one token, or
 * is refused as one.
 */
const BEARER = /^Bearer (.+)$/is;

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
