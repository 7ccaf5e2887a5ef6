import { discoveryDocument, JWKS_PATH } from '../access-token/discovery.ts';
import { JWKS_MAX_AGE, jwks } from '../access-token/jwks.ts';
import type { Deps } from '../deps.ts';
import { newId } from '../kernel/id.ts';
import { clientOf, requestIdOf } from './client.ts';
import { createRequestContext } from './context.ts';
import { allowOrigin, isPreflight, preflight } from './cors.ts';
import { createDeadline } from './deadline.ts';
import { createGraphqlRoute } from './graphql-route.ts';
import type { GraphqlRequest, GraphqlServer } from './graphql-server.ts';
import { live, type Readiness, ready } from './health.ts';
import type { Metrics } from './metrics.ts';
import { logRequest } from './request-log.ts';
import { secureHeaders } from './secure-headers.ts';
import { createTokenCookies } from './token-cookies.ts';

/** What the socket knows of a request that its headers do not. */
type Connection = { readonly remoteAddress: string | null };

/** The whole server as one function of a request. */
export type Handler = (request: Request, connection?: Connection) => Promise<Response>;

type Route = (request: Request, graphql: GraphqlRequest) => Response | Promise<Response>;

/** Exact paths and what answers there; everything else is not found. */
export type Routes = Readonly<Record<string, Route>>;

/** The routes of every deployment. */
export function createRoutes(deps: Deps, graphql: GraphqlServer, readiness: Readiness): Routes {
  return {
    '/graphql': createGraphqlRoute(deps.config, graphql),
    '/health/live': readOnly(live),
    '/health/ready': readOnly(() => ready(readiness)),
    [JWKS_PATH]: readOnly(() => published(jwks(deps.accessTokenKeys))),
    '/.well-known/openid-configuration': readOnly(() => published(discoveryDocument(deps.config))),
  };
}

/** Wraps the routes with what every request gets: an id, a client, headers, one log line. */
export function createHandler(deps: Deps, routes: Routes, metrics: Metrics | null = null): Handler {
  return async (request, connection = { remoteAddress: null }) => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request.headers, () => newId(deps));
    const path = pathOf(request.url);
    const client = clientOf(
      request.headers,
      { ...connection, trustedProxyHops: deps.config.trustedProxyHops },
      requestId,
    );
    const cookies = createTokenCookies(deps.config, request.headers);
    const deadline = createDeadline(request.signal);
    const state: GraphqlRequest = {
      context: createRequestContext(deps, {
        headers: request.headers,
        client,
        signal: deadline.signal,
        cookies,
      }),
      observed: { operation: null, outcomes: [], userId: null },
    };
    const response = await answer(routes[path], request, state, deps);
    deadline.cancel();
    const headers = secureHeaders(response.headers, deps.config, { path, requestId });
    allowOrigin(headers, deps.config, request.headers.get('origin'));
    for (const cookie of cookies.written()) headers.append('set-cookie', cookie);
    const answered = {
      method: request.method,
      path: path in routes ? path : null,
      status: response.status,
      milliseconds: performance.now() - startedAt,
    };
    logRequest(deps.log, { client, ...answered, ...state });
    metrics?.observe({ ...answered, outcomes: state.observed.outcomes });
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
    if (isPreflight(request)) {
      return preflight(deps.config, request.headers.get('origin'), ['GET', 'POST']);
    }
    return await route(request, state);
  } catch (error) {
    const { requestId } = state.context.client;
    // Whoever hung up reads no answer, and is no fault of ours.
    if (request.signal.aborted) return new Response(null, { status: 499 });
    deps.log.error({ err: error, requestId }, 'request failed');
    return Response.json({ error: 'unexpected error', requestId }, { status: 500 });
  }
}

/** GET and HEAD of what changes nothing (HT-6). */
function readOnly(read: () => Response | Promise<Response>): Route {
  return async ({ method }) => {
    if (method !== 'GET' && method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    return await read();
  };
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
