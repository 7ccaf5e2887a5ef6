import { type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import type { Deps } from '../deps.ts';
import { type Payload, readPayload, TOKEN_TYPE } from './claims.ts';
import { parseCompact, parseJson } from './compact.ts';

/** A token whose signature is one of ours, whatever the time. */
export type SignedToken = { readonly kid: string; readonly payload: Payload };

/**
 * Exactly our header: one algorithm and one type, whatever the token would like (TK-1, RFC 8725
 * 3.1). Anything more is refused, and so `crit`, `b64`, `jku`, `jwk`, `x5u` and `x5c` are (TK-2).
 */
const Header = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal(TOKEN_TYPE),
  kid: z.string().min(1).max(64),
});

/**
 * The part of the check that the passing of time does not change while its key is accepted. By the
 * keys in memory; never throws, whatever the text is (TK-8).
 *
 * @returns null when it is not ours
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
 * ES256 (RFC 7518 3.4), on this thread: jose verifies in the thread pool it would share with the
 * password hash, where a tenth of a millisecond becomes tens of them under a flood of sign-ins.
 */
export function isSignedBy(publicKey: KeyObject, signed: string, signature: Buffer): boolean {
  return verify(
    'sha256',
    Buffer.from(signed),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    signature,
  );
}
