import { discoveryDocument, JWKS_MAX_AGE, JWKS_PATH, jwks } from '../access-token/discovery.ts';
import { asOneRequest } from '../db/request-time.ts';
import type { Deps } from '../deps.ts';
import { createDeadline } from '../graphql-engine/deadline.ts';
import { newId } from '../kernel/id.ts';
import { clientOf, requestIdOf } from './client.ts';
import { createOperationContext, type OperationContext } from './context.ts';
import { type Cors, createCors, isPreflight } from './cors.ts';
import { type HttpAnswer, type HttpRequest, json, type RequestHead } from './exchange.ts';
import { live, ready } from './health.ts';
import type { RequestObserver } from './observed-request.ts';
import { createSecureHeaders } from './secure-headers.ts';
import { createTokenCookies } from './token-cookies.ts';
import { watchProxies } from './watch-proxies.ts';

/** The whole server as one function of a request. */
export type Handler = (request: HttpRequest) => Promise<HttpAnswer>;

/** What answers at one path. */
export type Route = {
  answer(request: HttpRequest, context: OperationContext): HttpAnswer | Promise<HttpAnswer>;
  /** True if the answer depends on the body. Without it no body is read (HT-5a). */
  takesBody?(head: RequestHead): boolean;
};

/** Exact paths and what answers there; everything else is not found. */
export type Routes = Readonly<Record<string, Route>>;

/** The routes of every deployment. */
export function createRoutes(deps: Deps, graphql: Route, isReady: () => boolean): Routes {
  return {
    '/graphql': graphql,
    '/health/live': readOnly(live),
    '/health/ready': readOnly(() => ready(isReady)),
    [JWKS_PATH]: readOnly(() => published(jwks(deps.accessTokenKeys))),
    '/.well-known/openid-configuration': readOnly(() => published(discoveryDocument(deps.config))),
  };
}

/** Which bodies the routes need: what is asked before one is read. */
export function takesBody(routes: Routes): (head: RequestHead) => boolean {
  return (head) => routes[pathOf(head.target)]?.takesBody?.(head) ?? false;
}

/** Wraps the routes with what every request gets: an id, a client, headers, and one report to the observer. */
export function createHandler(deps: Deps, routes: Routes, observer: RequestObserver): Handler {
  const { config, log } = deps;
  const { trustedProxyHops } = config;
  const secured = createSecureHeaders(config);
  const cors = createCors(config, log);
  const watch = watchProxies(deps);
  return async (request) => {
    const startedAt = performance.now();
    const { method, target, headers } = request;
    const path = pathOf(target);
    const requestId = requestIdOf(headers, () => newId(deps));
    const { remoteAddress } = request;
    const client = clientOf(headers, { remoteAddress, trustedProxyHops }, requestId);
    if (path === '/graphql') watch({ headers, ipAddress: client.ipAddress });
    const cookies = createTokenCookies(config, headers);
    const deadline = createDeadline(request.hangup);
    const context = createOperationContext(deps, { headers, client, deadline, cookies });
    const { status, body, ...answer } = await asOneRequest(deps.db, () =>
      answerOf(routes[path], cors, request, context),
    );
    deadline.cancel();
    const milliseconds = performance.now() - startedAt;
    const route = path in routes ? path : null;
    const { observed } = context;
    observer.observe({ path: route, method, status, milliseconds, requestId, ...observed });
    const written = cookies.written();
    return {
      status,
      body,
      headers: {
        ...secured(answer.headers),
        ...cors.headers(path, request),
        'x-request-id': requestId,
        ...(written.length > 0 && { 'set-cookie': written }),
      },
    };
  };
}

async function answerOf(
  route: Route | undefined,
  cors: Cors,
  request: HttpRequest,
  context: OperationContext,
): Promise<HttpAnswer> {
  const { deps, client } = context;
  if (!route) return json({ error: 'not found' }, { status: 404 });
  try {
    if (isPreflight(request)) {
      const { headers, target } = request;
      return cors.preflight(pathOf(target), headers.get('origin'), ['GET', 'POST']);
    }
    return await route.answer(request, context);
  } catch (error) {
    const { requestId } = client;
    // Whoever hung up reads no answer, and is no fault of ours.
    if (request.hangup.isGone()) return { status: 499, headers: {}, body: null };
    deps.log.error({ err: error, requestId }, 'request failed');
    return json({ error: 'unexpected error', requestId }, { status: 500 });
  }
}

/** GET and HEAD of what changes nothing (HT-6). */
function readOnly(read: () => HttpAnswer | Promise<HttpAnswer>): Route {
  return {
    answer: async ({ method }) => {
      if (method === 'GET' || method === 'HEAD') return await read();
      return { status: 405, headers: { allow: 'GET, HEAD' }, body: null };
    },
  };
}

/** A public document that clients may keep for a while (TK-10). */
function published(document: unknown): HttpAnswer {
  return json(document, { headers: { 'cache-control': `public, max-age=${JWKS_MAX_AGE}` } });
}

/** The path as the URL standard reads it: `/a/../graphql` is `/graphql`. */
function pathOf(target: string): string {
  return target === '/graphql' ? target : new URL(`http://localhost${target}`).pathname;
}
