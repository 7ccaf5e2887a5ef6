import { OAuthCancelledError, OAuthFailedError } from './errors.ts';

/** What a provider may answer with instead of a code or a token; any other text is not repeated. */
const KNOWN_ERRORS: readonly string[] = [
  // RFC 6749 4.1.2.1 and 5.2
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'invalid_grant',
  'unsupported_grant_type',
  // OpenID Connect Core 3.1.2.6
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
];

/**
 * What a callback says when the person gave up: RFC 6749 4.1.2.1, and the words of providers that have
 * their own.
 */
const CANCELLED: readonly string[] = [
  'access_denied',
  'user_cancelled_login',
  'user_cancelled_authorize',
  'user_denied',
];

/**
 * Puts whatever the library or the network threw into one refusal with a reason. Its message and
 * its cause hold tokens and the provider's text, so neither is kept (LO-2).
 */
export function toOAuthFailure(error: unknown): OAuthFailedError | OAuthCancelledError {
  if (error instanceof OAuthFailedError) return error;
  const refused = textOf(error, 'error');
  if (refused !== null) {
    // Of the callback alone: at the token endpoint nobody is there to give up.
    const isCallback = textOf(error, 'code') === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR';
    if (isCallback && CANCELLED.includes(refused)) return new OAuthCancelledError();
    return new OAuthFailedError(
      'provider-refused',
      KNOWN_ERRORS.includes(refused) ? refused : null,
    );
  }
  const codes = chain(error).flatMap((one) => textOf(one, 'code') ?? []);
  const library = codes.find((code) => code.startsWith('OAUTH_'));
  if (library === 'OAUTH_TIMEOUT') return new OAuthFailedError('provider-unreachable', 'TIMEOUT');
  if (library !== undefined) return new OAuthFailedError('answer-refused', library);
  // A code of the socket, of DNS, or of a refused call.
  const code = codes.find((one) => /^[A-Z][A-Z_]{2,40}$/.test(one));
  if (code !== undefined) return new OAuthFailedError('provider-unreachable', code);
  // A key that cannot be imported, an answer that cannot be read: only the kind of error is kept.
  const innermost = chain(error).at(-1);
  return new OAuthFailedError('answer-refused', innermost instanceof Error ? innermost.name : null);
}

function chain(error: unknown, depth = 0): unknown[] {
  if (depth > 5 || typeof error !== 'object' || error === null) return [];
  return [error, ...chain('cause' in error ? error.cause : null, depth + 1)];
}

function textOf(error: unknown, key: 'code' | 'error'): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : null;
}
