import type {} from 'fastify';
import { authenticateHeader } from './bearer.ts';
import type { AccessTokenClaims } from './claims.ts';
import { KeysUnavailableError } from './keys.ts';
import type { Verifier } from './verifier.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request this is, behind `requireAccessToken`; null before it and without it. */
    auth: AccessTokenClaims | null;
  }
}

/** As much of a Fastify request as is used; decorate it with `auth` for speed. */
export type FastifyRequest = {
  readonly headers: { readonly authorization?: string | undefined };
  auth?: AccessTokenClaims | null;
};

/** As much of a Fastify reply as is used. */
export type FastifyReply = {
  code(code: number): FastifyReply;
  header(name: string, value: string): FastifyReply;
  send(body: unknown): FastifyReply;
};

/**
 * A Fastify hook (`onRequest`): lets signed-in requests through, with `request.auth`, and answers
 * 401 to the others (RFC 6750 3), 503 while the issuer's keys cannot be read.
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
 * Whose request this is, in a handler behind {@link requireAccessToken}.
 *
 * @throws TypeError where it does not stand before the handler
 */
export function authOf(request: Pick<FastifyRequest, 'auth'>): AccessTokenClaims {
  if (request.auth) return request.auth;
  throw new TypeError('requireAccessToken does not stand before this handler.');
}
