import type { IDToken, UserInfoResponse } from 'openid-client';
import { nameRule } from '../../graphql/inputs.ts';
import { SECOND } from '../../kernel/duration.ts';
import { canonicalEmail } from '../../kernel/email.ts';
import type { ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Clock } from '../../kernel/ports.ts';
import { OAuthFailedError } from './errors.ts';

/** How far a provider's clock may be off (OA-3), in seconds. */
export const CLOCK_TOLERANCE = 30;

const MAX_SUBJECT_LENGTH = 255;

/**
 * The rules of OpenID Connect Core 3.1.3.7 that the library leaves open: no second audience, no
 * other authorized party, not issued in the future, and a subject of the length it may have.
 *
 * @throws OAuthFailedError
 */
export function demandStrictClaims(
  claims: IDToken,
  expected: { readonly clientId: string; readonly clock: Clock },
): void {
  const audiences = [claims.aud].flat();
  const isOnlyForUs = audiences.length === 1 && audiences[0] === expected.clientId;
  if (!isOnlyForUs) throw refused('AUDIENCE');
  if (claims.azp !== undefined && claims.azp !== expected.clientId) {
    throw refused('AUTHORIZED_PARTY');
  }
  const now = expected.clock.now().getTime() / 1000;
  if (claims.iat > now + CLOCK_TOLERANCE) throw refused('ISSUED_IN_THE_FUTURE');
  if (claims.sub.length < 1 || claims.sub.length > MAX_SUBJECT_LENGTH) throw refused('SUBJECT');
}

/**
 * A provider may sign a person in silently, from a session of days ago. Where a fresh sign-in was
 * asked for, its `auth_time` has to say that there was one: `prompt` and `max_age` travel through the
 * browser, which may leave them out (OpenID Connect Core 3.1.2.1, 15.1).
 *
 * @throws OAuthFailedError
 */
export function demandFreshLogin(claims: IDToken, since: Date | null): void {
  if (since === null) return;
  const authenticatedAt = readAuthTime(claims);
  if (authenticatedAt === null) throw refused('AUTH_TIME_MISSING');
  const earliest = since.getTime() - CLOCK_TOLERANCE * SECOND;
  if (authenticatedAt.getTime() < earliest) throw refused('LOGIN_NOT_FRESH');
}

function readAuthTime({ auth_time: seconds }: IDToken): Date | null {
  return typeof seconds === 'number' && seconds >= 0 ? new Date(seconds * SECOND) : null;
}

/** Who came back. Address and its verification are taken from one source, never mixed (OA-6). */
export function provenIdentity(
  claims: IDToken,
  source: IDToken | UserInfoResponse,
): ProvenIdentity {
  const { email, email_verified: emailVerified, name } = source;
  const judgedName = nameRule.safeParse(name);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof email === 'string' ? canonicalEmail(email) : null,
    emailVerified: emailVerified === true,
    name: judgedName.data || null,
    authenticatedAt: readAuthTime(claims),
  };
}

function refused(code: string): OAuthFailedError {
  return new OAuthFailedError('answer-refused', code);
}
