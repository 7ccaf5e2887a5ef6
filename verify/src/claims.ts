import { mismatch, type Refusal, refusal } from './refusal.ts';

/** What a good access token says. That its session still lives, it does not say. */
export type AccessTokenClaims = {
  readonly userId: string;
  readonly sessionId: string;
  readonly tokenId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** When the person last proved who they are. */
  readonly authenticatedAt: Date;
  /** What they proved it with (RFC 8176): `pwd`, `otp`, … */
  readonly methods: readonly string[];
};

/** What a token must say to be for this server, now. */
export type Expected = {
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
  readonly toleranceSeconds: number;
};

/** No access token lives longer, whatever the issuer is set to (TK-4). */
const MAX_LIFETIME_SECONDS = 30 * 60;
const KEY_ID_LENGTH = 64;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TOKEN_ID = /^[A-Za-z0-9_-]{22}$/;

/**
 * Exactly the issuer's header: one algorithm and one type, whatever the token would like (TK-1).
 * Anything more is refused, and so `crit`, `b64`, `jku`, `jwk`, `x5u` and `x5c` are (TK-2).
 *
 * @returns the `kid`, or why there is none
 */
export function readHeader(json: unknown): { readonly kid: string } | Refusal {
  if (!isRecord(json)) return refusal('malformed');
  const { alg, typ, kid } = json;
  const isOurs = alg === 'ES256' && typ === 'at+jwt' && Object.keys(json).length === 3;
  if (!isOurs || typeof kid !== 'string') return refusal('type');
  return kid.length > 0 && kid.length <= KEY_ID_LENGTH ? { kid } : refusal('type');
}

/**
 * Every claim of RFC 9068 and ours, each of them required (TK-3), and the moments (TK-4).
 *
 * @returns why not, when the payload is not one of an access token for this audience, or not good now
 */
export function readClaims(json: unknown, expected: Expected): AccessTokenClaims | Refusal {
  if (!isRecord(json)) return refusal('malformed');
  const { iss, aud, sub, client_id, sid, jti, iat, nbf, exp, auth_time, amr, epoch } = json;
  if (iss !== expected.issuer) return mismatch('issuer', iss, expected);
  if (aud !== expected.audience) return mismatch('audience', aud, expected);
  if (client_id !== 'latchkey') return refusal('claims');
  if (!matches(UUID, sub) || !matches(UUID, sid) || !matches(TOKEN_ID, jti))
    return refusal('claims');
  if (!isSeconds(iat) || !isSeconds(exp) || !isSeconds(auth_time)) return refusal('claims');
  if (nbf !== undefined && !isSeconds(nbf)) return refusal('claims');
  if (!isMethods(amr) || !isSeconds(epoch) || epoch === 0) return refusal('claims');
  if (exp <= iat || exp - iat > MAX_LIFETIME_SECONDS) return refusal('claims');
  const now = expected.now.getTime() / 1000;
  if (now < Math.max(iat, nbf ?? 0) - expected.toleranceSeconds) return refusal('not-yet-valid');
  if (now >= exp + expected.toleranceSeconds) return refusal('expired');
  return Object.freeze({
    userId: sub,
    sessionId: sid,
    tokenId: jti,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    authenticatedAt: new Date(auth_time * 1000),
    methods: Object.freeze([...amr]),
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMethods(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one === 'string' && one.length > 0)
  );
}
