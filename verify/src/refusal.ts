/**
 * Why a token was refused. The first rule it breaks counts, in this order. `claims` is a claim that is missing or
 * has a form that Latchkey does not issue.
 */
export type RefusalReason =
  | 'malformed'
  | 'type'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'not-yet-valid'
  | 'expired'
  | 'key-unknown'
  | 'signature';

/** What became of a refused token. Holds nothing of the token, so it can be logged. */
export type Refusal = {
  readonly reason: RefusalReason;
  /** What the reason usually means and where to look, in a fixed sentence. */
  readonly hint: string;
};

/** A token is not a good one of the issuer for this audience, now. Answer 401. */
export class AccessTokenRefusedError extends Error {
  override readonly name = 'AccessTokenRefusedError';
  readonly reason: RefusalReason;
  readonly hint: string;

  constructor({ reason, hint }: Refusal) {
    super(`The access token was refused: ${reason}.`);
    this.reason = reason;
    this.hint = hint;
  }
}

const USUAL: Readonly<Record<RefusalReason, string>> = {
  malformed: 'It is no JWT in its compact form, or is longer than 4096 bytes.',
  type: 'It is no access token of a Latchkey server: ES256, typ at+jwt, kid, and no other header.',
  issuer: 'Its iss is not the issuer: give the PUBLIC_URL of the server that issued it.',
  audience: 'Its aud is not the audience: give the ACCESS_TOKEN_AUDIENCE of the issuer.',
  claims: 'A claim is missing, or has a form that Latchkey does not issue.',
  'not-yet-valid': 'It begins in the future: the clock of this server or of the issuer is wrong.',
  expired: 'It has expired: the client should have refreshed it.',
  'key-unknown': 'The issuer publishes no key of its kid: was it issued with other SECRET_KEYS?',
  signature: 'It was altered, or signed by somebody else.',
};

export function refusal(reason: RefusalReason, hint: string = USUAL[reason]): Refusal {
  return { reason, hint };
}

/** An issuer or audience that is nearly the right one is a mistake in the settings, and no attack. */
export function mismatch(
  reason: 'issuer' | 'audience',
  claimed: unknown,
  expected: { readonly issuer: string; readonly audience: string },
): Refusal {
  if (typeof claimed !== 'string') return refusal(reason);
  const wanted = expected[reason];
  if (withoutSlash(claimed) === withoutSlash(wanted)) {
    const has = claimed.length > wanted.length ? 'has' : 'lacks';
    return refusal(
      reason,
      `The ${reason} and the token differ by a slash at the end, which the token ${has}.`,
    );
  }
  if (claimed.toLowerCase() === wanted.toLowerCase()) {
    return refusal(reason, `The ${reason} and the token differ in upper and lower case alone.`);
  }
  if (withoutScheme(claimed) === withoutScheme(wanted)) {
    return refusal(reason, `The ${reason} and the token differ in http and https alone.`);
  }
  if (reason === 'audience' && claimed === expected.issuer) {
    return refusal(
      reason,
      'Its aud is the issuer itself: ACCESS_TOKEN_AUDIENCE is not set there, so give the issuer as the audience.',
    );
  }
  return refusal(reason);
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}

function withoutScheme(text: string): string {
  return text.replace(/^https?:/, '');
}
