/**
 * Why a token was rejected. The first rule that it breaks counts, in this order. `claims` means that a claim is
 * missing or has a form that Latchkey does not issue.
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

/** Details about a rejected token. It contains nothing of the token, so it can be logged. */
export type Refusal = {
  readonly reason: RefusalReason;
  /** A fixed sentence: what the reason usually means and where to look. */
  readonly hint: string;
};

/** The token is not a valid access token of the issuer for this audience. Answer 401. */
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
  malformed: 'The token is not a JWT in compact form, or is longer than 4096 bytes.',
  type: 'The token is not an access token of a Latchkey server: ES256, typ at+jwt, kid, and no other header member.',
  issuer:
    'The iss claim is not the issuer: set the issuer to the PUBLIC_URL of the server that issued the token.',
  audience:
    'The aud claim is not the audience: set the audience to the ACCESS_TOKEN_AUDIENCE of the issuer.',
  claims: 'A claim is missing, or has a form that Latchkey does not issue.',
  'not-yet-valid':
    'The token is not valid yet: the clock of this server or of the issuer is wrong.',
  expired: 'The token has expired: the client should have refreshed it.',
  'key-unknown':
    'The issuer publishes no key with this kid: was the token issued with other SECRET_KEYS?',
  signature: 'The token was altered, or signed by someone else.',
};

export function refusal(reason: RefusalReason, hint: string = USUAL[reason]): Refusal {
  return { reason, hint };
}

/**
 * An issuer or audience that is almost the expected one indicates a mistake in the settings and not an attack.
 */
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
      'The aud claim is the issuer itself: ACCESS_TOKEN_AUDIENCE is not set there, so set the audience to the issuer.',
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
