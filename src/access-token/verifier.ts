import type { Deps } from '../deps.ts';
import { isTimely, type Payload } from './claims.ts';
import { createRecent } from './recent.ts';
import { type AccessTokenClaims, readSignedToken, toClaims } from './verify.ts';

type Known = {
  readonly kid: string;
  readonly payload: Payload;
  readonly claims: AccessTokenClaims;
};

/**
 * Checks access tokens as verifyAccessToken does; one seen before costs no signature.
 *
 * Remembers tokens by their exact text, which is the only one they have (TK-6). Remembered is the
 * signature alone: that its key is still accepted and the time right is asked each time, so a
 * revoked key or a clock set back count at once (TK-11, TK-4).
 */
export function createAccessTokenVerifier(
  deps: Pick<Deps, 'config' | 'clock' | 'accessTokenKeys'>,
  { maxEntries = 10_000 }: { readonly maxEntries?: number } = {},
): { verify(token: string): AccessTokenClaims | null } {
  const recent = createRecent<Known>(maxEntries);

  const read = (token: string): Known | null => {
    const signed = readSignedToken(deps, token);
    if (!signed) return null;
    const known = { ...signed, claims: Object.freeze(toClaims(signed.payload)) };
    // A copy: a slice would keep the whole header it was cut from in memory.
    recent.set(Buffer.from(token).toString('latin1'), known);
    return known;
  };

  return {
    verify(token) {
      const known = recent.get(token) ?? read(token);
      if (!known || !deps.accessTokenKeys.verificationKey(known.kid)) return null;
      return isTimely(known.payload, deps.clock.now()) ? known.claims : null;
    },
  };
}
