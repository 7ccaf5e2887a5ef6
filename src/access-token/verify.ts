import { type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import type { Deps } from '../deps.ts';
import type { AccessTokenVerifier, TokenHolder } from '../kernel/signing.ts';
import { isTimely, type Payload, readPayload, TOKEN_TYPE } from './claims.ts';
import { parseCompact, parseJson } from './compact.ts';
import { createRecent } from './recent.ts';

type Known = {
  readonly kid: string;
  readonly payload: Payload;
  readonly holder: TokenHolder;
};

/**
 * Verifies access tokens. The signature of a token is verified once; later calls remember it.
 *
 * Tokens are remembered by their exact text, because a token has only one valid spelling (TK-6). Only
 * the signature is remembered. Each call checks again that the key is accepted and that the token has
 * not expired, so that a revoked key or a clock set back takes effect at once (TK-11, TK-4).
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
    // A copy, because a slice would keep the whole header that it was cut from in memory.
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

/** A token with a valid signature, expired or not. */
type SignedToken = { readonly kid: string; readonly payload: Payload };

/**
 * The only accepted header: one algorithm and one type, which the token cannot choose (TK-1, RFC
 * 8725 3.1). Any other member is refused, `crit`, `b64`, `jku`, `jwk`, `x5u` and `x5c` among them (TK-2).
 */
const Header = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal(TOKEN_TYPE),
  kid: z.string().min(1).max(64),
});

/**
 * The part of the verification that does not depend on the time. It uses the keys in memory, and
 * never throws, whatever the text is (TK-8).
 *
 * @returns null for a token that this server did not sign
 */
export function readSignedToken(
  deps: Pick<Deps, 'config' | 'accessTokenKeys'>,
  token: string,
): SignedToken | null {
  const jws = parseCompact(token);
  if (!jws) return null;
  const header = Header.safeParse(parseJson(jws.header));
  if (!header.success) return null;
  const { kid } = header.data;
  const key = deps.accessTokenKeys.verificationKey(kid);
  if (!key || !isSignedBy(key.publicKey, jws.signed, jws.signature)) return null;
  const payload = readPayload(parseJson(jws.payload), {
    issuer: deps.config.publicUrl,
    audience: deps.config.accessToken.audience,
  });
  return payload && { kid, payload };
}

/**
 * Verifies ES256 (RFC 7518 3.4) on the main thread. jose verifies in the thread pool, which password
 * hashes use: a tenth of a millisecond becomes tens of milliseconds under a flood of sign-ins.
 */
export function isSignedBy(publicKey: KeyObject, signed: string, signature: Buffer): boolean {
  return verify(
    'sha256',
    Buffer.from(signed),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    signature,
  );
}
