import type { Deps } from '../deps.ts';
import type { AccessTokenVerifier, TokenHolder } from '../kernel/signing.ts';
import { isTimely, type Payload } from './claims.ts';
import { createRecent } from './recent.ts';
import { readSignedToken } from './verify.ts';

type Known = {
  readonly kid: string;
  readonly payload: Payload;
  readonly holder: TokenHolder;
};

/**
 * Checks access tokens; one seen before costs no signature.
 *
 * Remembers tokens by their exact text, which is the only one they have (TK-6). Remembered is the
 * signature alone: that its key is still accepted and the time right is asked each time, so a
 * revoked key or a clock set back count at once (TK-11, TK-4).
 */
export function createAccessTokenVerifier(
  deps: Pick<Deps, 'config' | 'clock' | 'accessTokenKeys'>,
  { maxEntries = 10_000 }: { readonly maxEntries?: number } = {},
): AccessTokenVerifier {
  const recent = createRecent<Known>(maxEntries);

  const read = (token: string): Known | null => {
    const signed = readSignedToken(deps, token);
    if (!signed) return null;
    const { sub: userId, sid: sessionId } = signed.payload;
    const known = { ...signed, holder: Object.freeze({ userId, sessionId }) };
    // A copy: a slice would keep the whole header it was cut from in memory.
    recent.set(Buffer.from(token).toString('latin1'), known);
    return known;
  };

  return {
    verify(token) {
      const known = recent.get(token) ?? read(token);
      if (!known || !deps.accessTokenKeys.verificationKey(known.kid)) return null;
      return isTimely(known.payload, deps.clock.now()) ? known.holder : null;
    },
  };
}
