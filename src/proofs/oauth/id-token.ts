import type { IDToken, UserInfoResponse } from 'openid-client';
import type { OpenIdProviderConfig } from '../../config.ts';
import { nameRule } from '../../graphql/inputs.ts';
import { SECOND } from '../../kernel/duration.ts';
import { canonicalEmail } from '../../kernel/email.ts';
import type { ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Clock } from '../../kernel/ports.ts';
import { isOneLine } from '../../kernel/unicode.ts';
import { OAuthFailedError } from './errors.ts';

/** How far a provider's clock may differ (OA-3), in seconds. */
export const CLOCK_TOLERANCE = 30;

/** OpenID Connect Core 2: a subject has at most 255 characters. */
const MAX_SUBJECT_LENGTH = 255;

/** The domain of Apple's relay. */
const RELAY_DOMAIN = 'privaterelay.appleid.com';

/** The expected claims of one provider. */
export type ExpectedClaims = Pick<
  OpenIdProviderConfig,
  'clientId' | 'trustedAudiences' | 'emailVerifiedAs'
> & { readonly clock: Clock };

/**
 * The rules of OpenID Connect Core 3.1.3.7 that the library leaves open: no second audience that is not
 * trusted, no other authorized party, not issued in the future, and a subject of the allowed length. A subject
 * is well-formed text without control characters, because the database would store two subjects that differ
 * only in a lone surrogate as one, and cannot store NUL.
 *
 * @throws OAuthFailedError
 */
export function requireStrictClaims(claims: IDToken, expected: ExpectedClaims): void {
  const audiences = [claims.aud].flat();
  const others = audiences.filter((audience) => audience !== expected.clientId);
  const areTrusted = others.every((audience) => expected.trustedAudiences.includes(audience));
  if (!audiences.includes(expected.clientId) || !areTrusted) throw refused('AUDIENCE');
  if (claims.azp !== undefined && claims.azp !== expected.clientId) {
    throw refused('AUTHORIZED_PARTY');
  }
  const now = expected.clock.now().getTime() / 1000;
  if (claims.iat > now + CLOCK_TOLERANCE) throw refused('ISSUED_IN_THE_FUTURE');
  if (!isSubject(claims.sub)) throw refused('SUBJECT');
}

/** True for a subject that the database stores as it is. */
export function isSubject(sub: string): boolean {
  const isOfLength = sub.length >= 1 && sub.length <= MAX_SUBJECT_LENGTH;
  return isOfLength && sub.isWellFormed() && isOneLine(sub);
}

/**
 * Requires a fresh sign-in. A provider may sign a person in silently, with a session of days ago. `prompt` and
 * `max_age` pass through the browser, which may omit them, so the `auth_time` must confirm that there was a
 * sign-in (OpenID Connect Core 3.1.2.1, 15.1).
 *
 * @throws OAuthFailedError
 */
export function requireFreshLogin(claims: IDToken, since: Date | null): void {
  if (since === null) return;
  const authenticatedAt = readAuthTime(claims);
  if (authenticatedAt === null) throw refused('AUTH_TIME_MISSING');
  const earliest = since.getTime() - CLOCK_TOLERANCE * SECOND;
  if (authenticatedAt.getTime() < earliest) throw refused('LOGIN_NOT_FRESH');
}

function readAuthTime({ auth_time: seconds }: IDToken): Date | null {
  if (typeof seconds !== 'number' || seconds < 0) return null;
  const at = new Date(seconds * SECOND);
  // Outside the range of a date, a comparison would be neither before nor after anything.
  return Number.isNaN(at.getTime()) ? null : at;
}

/**
 * True if the ID token lacks a claim that a new account needs: the address, or its verification if
 * `email_verified` reports it. The userinfo endpoint may have it (OpenID Connect Core 5.4).
 */
export function lacksAddress(
  claims: IDToken,
  { emailVerifiedAs }: Pick<ExpectedClaims, 'emailVerifiedAs'>,
): boolean {
  const needsClaim = emailVerifiedAs === 'claim' || emailVerifiedAs === 'text';
  return claims['email'] === undefined || (needsClaim && claims['email_verified'] === undefined);
}

/**
 * The person who signed in. The address and its verification are taken from the same source and never mixed
 * (OA-6).
 */
export function provenIdentity(
  claims: IDToken,
  source: IDToken | UserInfoResponse,
  { emailVerifiedAs }: Pick<ExpectedClaims, 'emailVerifiedAs'>,
): ProvenIdentity {
  const { email } = source;
  const parsedName = nameRule.safeParse(source['name'] ?? claims['name']);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof email === 'string' ? canonicalEmail(email) : null,
    emailVerified: isVerified(source, emailVerifiedAs),
    isRelayed: isRelayed(source, claims),
    name: parsedName.data || null,
    authenticatedAt: readAuthTime(claims),
  };
}

/**
 * True for an address that a relay made for this application (AP-3). Apple states it as a boolean or as text; the
 * domain says it as well.
 */
function isRelayed(source: IDToken | UserInfoResponse, claims: IDToken): boolean {
  const answer = source['is_private_email'] ?? claims['is_private_email'];
  const domain = typeof source.email === 'string' ? source.email.split('@').at(-1) : '';
  return answer === true || answer === 'true' || domain?.toLowerCase() === RELAY_DOMAIN;
}

function isVerified(
  source: IDToken | UserInfoResponse,
  emailVerifiedAs: ExpectedClaims['emailVerifiedAs'],
): boolean {
  const { email_verified: verified, xms_edov: ownerVerified } = source;
  switch (emailVerifiedAs) {
    case 'claim':
      return verified === true;
    case 'text':
      return verified === true || verified === 'true';
    case 'xms_edov':
      return ownerVerified === true || ownerVerified === 1 || ownerVerified === '1';
    case 'always':
      return true;
    case 'never':
      return false;
  }
}

function refused(code: string): OAuthFailedError {
  return new OAuthFailedError('answer-refused', code);
}
