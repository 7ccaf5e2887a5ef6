import { discoveryDocument, JWKS_PATH } from '../access-token/discovery.ts';
import { JWKS_MAX_AGE, jwks } from '../access-token/jwks.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../kernel/id.ts';
import { clientOf, requestIdOf } from './client.ts';
import { createRequestContext } from './context.ts';
import type { GraphqlRequest, GraphqlServer } from './graphql-server.ts';
import { live, type Readiness, ready } from './health.ts';
import { createRefreshCookie } from './refresh-cookie.ts';
import { logRequest } from './request-log.ts';
import { secureHeaders } from './secure-headers.ts';

/** What the socket knows of a request that its headers do not. */
export type Connection = { readonly remoteAddress: string | null };

/** The whole server as one function of a request. */
export type Handler = (request: Request, connection?: Connection) => Promise<Response>;

type Route = (request: Request, graphql: GraphqlRequest) => Response | Promise<Response>;

/** Exact paths and what answers there; everything else is not found. */
export type Routes = Readonly<Record<string, Route>>;

/** The routes of every deployment. */
export function createRoutes(deps: Deps, graphql: GraphqlServer, readiness: Readiness): Routes {
  return {
    '/graphql': (request, state) => graphql.fetch(request, state),
    '/health/live': live,
    '/health/ready': () => ready(readiness),
    [JWKS_PATH]: () => published(jwks(deps.accessTokenKeys)),
    '/.well-known/openid-configuration': () => published(discoveryDocument(deps.config)),
  };
}

/** Wraps the routes with what every request gets: an id, a client, headers, one log line. */
export function createHandler(deps: Deps, routes: Routes): Handler {
  return async (request, connection = { remoteAddress: null }) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request.headers, () => newId(deps));
    const path = pathOf(request.url);
    const client = clientOf(
      request.headers,
      { ...connection, trustedProxyHops: deps.config.trustedProxyHops },
      requestId,
    );
    const cookies = createRefreshCookie(deps.config, request.headers);
    const state: GraphqlRequest = {
      context: createRequestContext(deps, {
        headers: request.headers,
        client,
        signal: request.signal,
        refreshCookie: cookies.port,
      }),
      observed: { operation: null, outcomes: [], userId: null },
    };
    const response = await answer(routes[path], request, state, deps);
    const headers = secureHeaders(response.headers, deps.config, { path, requestId });
    for (const cookie of cookies.written()) headers.append('set-cookie', cookie);
    logRequest(deps.log, {
      client,
      method: request.method,
      path: path in routes ? path : null,
      status: response.status,
      milliseconds: performance.now() - startedAt,
      ...state,
    });
    return new Response(response.body, { status: response.status, headers });
  };
}

async function answer(
  route: Route | undefined,
  request: Request,
  state: GraphqlRequest,
  deps: Deps,
): Promise<Response> {
  if (!route) return Response.json({ error: 'not found' }, { status: 404 });
  try {
    return await route(request, state);
  } catch (error) {
    const { requestId } = state.context.client;
    deps.log.error({ err: error, requestId }, 'request failed');
    return Response.json({ error: 'unexpected error', requestId }, { status: 500 });
  }
}

/** A public document that clients may keep for a while (TK-10). */
function published(document: unknown): Response {
  return Response.json(document, {
    headers: { 'cache-control': `public, max-age=${JWKS_MAX_AGE}` },
  });
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}
