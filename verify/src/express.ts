import { authenticateHeader } from './bearer.ts';
import type { AccessTokenClaims } from './claims.ts';
import { KeysUnavailableError } from './keys.ts';
import type { Verifier } from './verifier.ts';

declare global {
  namespace Express {
    interface Request {
      /** The claims of the request's access token, after `requireAccessToken`. */
      auth?: AccessTokenClaims;
    }
  }
}

/** The part of an Express request that is used. */
export type ExpressRequest = {
  readonly headers: { readonly authorization?: string | undefined };
  auth?: AccessTokenClaims;
};

/** The part of an Express response that is used. */
export type ExpressResponse = {
  status(code: number): ExpressResponse;
  set(name: string, value: string): ExpressResponse;
  json(body: unknown): unknown;
};

/**
 * Creates an Express middleware. It lets requests with a valid access token through and sets `request.auth`. It
 * answers 401 to all others (RFC 6750 3), and 503 while the issuer's keys cannot be read.
 */
export function requireAccessToken(verifier: Verifier) {
  return async (
    request: ExpressRequest,
    response: ExpressResponse,
    next: (error?: unknown) => void,
  ): Promise<void> => {
    const { authorization } = request.headers;
    try {
      const auth = await authenticateHeader(verifier, authorization);
      if (auth) {
        request.auth = auth;
        return next();
      }
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) return next(error);
      response.status(503).set('retry-after', '5').json({ error: 'unavailable' });
      return;
    }
    const challenge = authorization ? 'Bearer error="invalid_token"' : 'Bearer';
    response.status(401).set('www-authenticate', challenge).json({ error: 'unauthenticated' });
  };
}

/**
 * The claims of the request's access token, in a handler after {@link requireAccessToken}.
 *
 * @throws TypeError if `requireAccessToken` did not run before the handler
 */
export function authOf(request: Pick<ExpressRequest, 'auth'>): AccessTokenClaims {
  if (request.auth) return request.auth;
  throw new TypeError('requireAccessToken does not stand before this handler.');
}
