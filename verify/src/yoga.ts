import { createGraphQLError, type Plugin } from 'graphql-yoga';
import { authenticateHeader } from './bearer.ts';
import type { AccessTokenClaims } from './claims.ts';
import { KeysUnavailableError } from './keys.ts';
import type { Verifier } from './verifier.ts';

/** What the plugin adds to the context. */
export type AuthContext = {
  /** The claims of the request's access token; null if there is none. Each field decides what that means. */
  readonly auth: AccessTokenClaims | null;
};

/** A GraphQL Yoga plugin that adds `auth` to the context of every operation. */
export function useLatchkey(verifier: Verifier): Plugin<AuthContext> {
  return {
    onContextBuilding: async ({ context, extendContext }) => {
      extendContext({ auth: await authenticate(verifier, context.request) });
    },
  };
}

async function authenticate(
  verifier: Verifier,
  request: Request,
): Promise<AccessTokenClaims | null> {
  try {
    return await authenticateHeader(verifier, request.headers.get('authorization'));
  } catch (error) {
    if (!(error instanceof KeysUnavailableError)) throw error;
    throw createGraphQLError('Try again in a moment.', {
      extensions: { code: 'SERVICE_UNAVAILABLE', http: { status: 503 } },
    });
  }
}

/**
 * The signed-in person, for a field that requires one.
 *
 * @throws GraphQLError with the code UNAUTHENTICATED, on which a client refreshes its token
 */
export function requireAuth(context: AuthContext): AccessTokenClaims {
  if (context.auth) return context.auth;
  throw createGraphQLError('Not signed in.', { extensions: { code: 'UNAUTHENTICATED' } });
}
