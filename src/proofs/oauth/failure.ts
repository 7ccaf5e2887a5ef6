import { OAuthCancelledError, OAuthFailedError } from './errors.ts';

/** The error codes that a provider may return instead of a code or a token. Any other text is not repeated. */
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
 * The error codes of a callback after the person canceled: RFC 6749 4.1.2.1, and the codes of providers that
 * have their own.
 */
const CANCELLED: readonly string[] = [
  'access_denied',
  'user_cancelled_login',
  'user_cancelled_authorize',
  'user_denied',
];

/** Runs a conversation with a provider, and converts any error of it with {@link toOAuthFailure}. */
export async function orOAuthFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOAuthFailure(error);
  }
}

/**
 * Converts any error of the library or the network to one error with a reason. The message and the cause of the
 * original contain tokens and the provider's text, so neither is kept (LO-2).
 */
export function toOAuthFailure(error: unknown): OAuthFailedError | OAuthCancelledError {
  if (error instanceof OAuthFailedError) return error;
  const refused = textOf(error, 'error');
  if (refused !== null) {
    // Only at the callback, because nobody can cancel at the token endpoint.
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
  // A code of the socket, of DNS, or of a blocked request.
  const code = codes.find((one) => /^[A-Z][A-Z_]{2,40}$/.test(one));
  if (code !== undefined) return new OAuthFailedError('provider-unreachable', code);
  // A key that cannot be imported, or a response that cannot be parsed. Only the type of the error is kept.
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
