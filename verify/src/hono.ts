import type { MiddlewareHandler } from 'hono';
import { authenticateHeader } from './bearer.ts';
import type { AccessTokenClaims } from './claims.ts';
import { KeysUnavailableError } from './keys.ts';
import type { Verifier } from './verifier.ts';

/**
 * Creates a Hono middleware. It lets requests with a valid access token through and sets `context.var.auth`. It
 * answers 401 to all others (RFC 6750 3), and 503 while the issuer's keys cannot be read.
 */
export function requireAccessToken(
  verifier: Verifier,
): MiddlewareHandler<{ Variables: { auth: AccessTokenClaims } }> {
  return async (context, next) => {
    const authorization = context.req.header('authorization');
    let auth: AccessTokenClaims | null;
    try {
      auth = await authenticateHeader(verifier, authorization);
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error;
      return context.json({ error: 'unavailable' }, 503, { 'retry-after': '5' });
    }
    if (auth === null) {
      const challenge = authorization ? 'Bearer error="invalid_token"' : 'Bearer';
      return context.json({ error: 'unauthenticated' }, 401, { 'www-authenticate': challenge });
    }
    context.set('auth', auth);
    return await next();
  };
}
