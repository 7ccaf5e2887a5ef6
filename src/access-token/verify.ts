import { type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import type { Deps } from '../deps.ts';
import { SECOND } from '../kernel/duration.ts';
import { isTimely, type Payload, readPayload, TOKEN_TYPE } from './claims.ts';
import { parseCompact, parseJson } from './compact.ts';

/** What a good access token says. That its session still lives, it does not say (TK-9). */
export type AccessTokenClaims = {
  readonly tokenId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly authenticatedAt: Date;
  readonly methods: readonly string[];
  readonly credentialVersion: number;
};

/** A token whose signature is one of ours, whatever the time. */
export type SignedToken = { readonly kid: string; readonly payload: Payload };

type Needs = Pick<Deps, 'config' | 'clock' | 'accessTokenKeys'>;

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
 * Checks an access token by the keys in memory; never throws, whatever the text is (TK-8).
 *
 * @returns null when it is not ours, or not good now
 */
export function verifyAccessToken(deps: Needs, token: string): AccessTokenClaims | null {
  const signed = readSignedToken(deps, token);
  return signed && isTimely(signed.payload, deps.clock.now()) ? toClaims(signed.payload) : null;
}

/** The part of the check that the passing of time does not change while its key is accepted. */
export function readSignedToken(
  deps: Pick<Needs, 'config' | 'accessTokenKeys'>,
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

/** The claims in this program's words. */
export function toClaims(payload: Payload): AccessTokenClaims {
  return {
    tokenId: payload.jti,
    userId: payload.sub,
    sessionId: payload.sid,
    issuedAt: new Date(payload.iat * SECOND),
    expiresAt: new Date(payload.exp * SECOND),
    authenticatedAt: new Date(payload.auth_time * SECOND),
    methods: payload.amr,
    credentialVersion: payload.epoch,
  };
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
