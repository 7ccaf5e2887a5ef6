import { mismatch, type Refusal, refusal } from './refusal.ts';

/** The claims of a valid access token. A valid token does not prove that its session is still active. */
export type AccessTokenClaims = {
  readonly userId: string;
  readonly sessionId: string;
  readonly tokenId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** When the person last authenticated. */
  readonly authenticatedAt: Date;
  /** The methods of that authentication (RFC 8176): `pwd`, `otp`, … */
  readonly methods: readonly string[];
  /** The person's roles when the token was issued. */
  readonly roles: readonly string[];
  /** Rises with every change of the person's roles and attributes; null in tokens of releases before roles. */
  readonly claimsVersion: number | null;
  /**
   * The id of the administrator who acts as the person, for support (`act`, RFC 8693 4.1); null for the person. See
   * `requireNotImpersonated`.
   */
  readonly impersonatedBy: string | null;
  /** The claims of CLAIMS and CLAIMS_PRESET, as the token has them. Check their types before you use them. */
  readonly custom: Readonly<Record<string, unknown>>;
};

/** Claims that are read into fields of their own, or that mean nothing to a service. */
const REGISTERED = new Set([
  ...['iss', 'aud', 'sub', 'client_id', 'sid', 'jti', 'iat', 'nbf', 'exp', 'auth_time', 'amr'],
  ...['epoch', 'claims_version', 'roles', 'act'],
]);

/** What a token must contain to be valid for this server at this time. */
export type Expected = {
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
  readonly toleranceSeconds: number;
};

/** The maximum lifetime of an access token, whatever the issuer is configured to use (TK-4). */
const MAX_LIFETIME_SECONDS = 30 * 60;
const KEY_ID_LENGTH = 64;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TOKEN_ID = /^[A-Za-z0-9_-]{22}$/;

/**
 * Accepts exactly the issuer's header: one algorithm and one type, whatever the token asks for (TK-1). Any
 * other member is rejected, including `crit`, `b64`, `jku`, `jwk`, `x5u` and `x5c` (TK-2).
 *
 * @returns the `kid`, or the reason for the rejection
 */
export function readHeader(json: unknown): { readonly kid: string } | Refusal {
  if (!isRecord(json)) return refusal('malformed');
  const { alg, typ, kid } = json;
  const isOurs = alg === 'ES256' && typ === 'at+jwt' && Object.keys(json).length === 3;
  if (!isOurs || typeof kid !== 'string') return refusal('type');
  return kid.length > 0 && kid.length <= KEY_ID_LENGTH ? { kid } : refusal('type');
}

/**
 * Checks every claim of RFC 9068 and Latchkey's own (TK-3), and the times (TK-4). Only `nbf`, `roles`, `claims_version` and
 * `act` may be missing.
 *
 * @returns the claims, or the reason why the payload does not belong to an access token that is valid for
 *   this audience now
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
  const { roles = [], claims_version: claimsVersion = null } = json;
  if (!isTexts(roles)) return refusal('claims');
  if (claimsVersion !== null && (!isSeconds(claimsVersion) || claimsVersion === 0))
    return refusal('claims');
  const impersonatedBy = readActor(json['act']);
  if (impersonatedBy === undefined) return refusal('claims');
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
    roles: Object.freeze([...roles]),
    claimsVersion,
    impersonatedBy,
    custom: Object.freeze(
      Object.fromEntries(Object.entries(json).filter(([name]) => !REGISTERED.has(name))),
    ),
  });
}

/** @returns null without the claim, undefined for a form that Latchkey does not issue */
function readActor(act: unknown): string | null | undefined {
  if (act === undefined) return null;
  return isRecord(act) && matches(UUID, act['sub']) ? act['sub'] : undefined;
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
  return isTexts(value) && value.length > 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one.length > 0);
}
