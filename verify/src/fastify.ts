import type {} from 'fastify';
import { authenticateHeader } from './bearer.ts';
import type { AccessTokenClaims } from './claims.ts';
import { KeysUnavailableError } from './keys.ts';
import type { Verifier } from './verifier.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The claims of the request's access token, after `requireAccessToken`; null before and without it. */
    auth: AccessTokenClaims | null;
  }
}

/** The part of a Fastify request that is used. Decorate the request with `auth` for speed. */
export type FastifyRequest = {
  readonly headers: { readonly authorization?: string | undefined };
  auth?: AccessTokenClaims | null;
};

/** The part of a Fastify reply that is used. */
export type FastifyReply = {
  code(code: number): FastifyReply;
  header(name: string, value: string): FastifyReply;
  send(body: unknown): FastifyReply;
};

/**
 * Creates a Fastify hook (`onRequest`). It lets requests with a valid access token through and sets
 * `request.auth`. It answers 401 to all others (RFC 6750 3), and 503 while the issuer's keys cannot be read.
 */
export function requireAccessToken(verifier: Verifier) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { authorization } = request.headers;
    try {
      const auth = await authenticateHeader(verifier, authorization);
      if (auth) {
        request.auth = auth;
        return undefined;
      }
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error;
      return reply.code(503).header('retry-after', '5').send({ error: 'unavailable' });
    }
    const challenge = authorization ? 'Bearer error="invalid_token"' : 'Bearer';
    return reply.code(401).header('www-authenticate', challenge).send({ error: 'unauthenticated' });
  };
}

/**
 * The claims of the request's access token, in a handler after {@link requireAccessToken}.
 *
 * @throws TypeError if `requireAccessToken` did not run before the handler
 */
export function authOf(request: Pick<FastifyRequest, 'auth'>): AccessTokenClaims {
  if (request.auth) return request.auth;
  throw new TypeError('requireAccessToken does not stand before this handler.');
}
