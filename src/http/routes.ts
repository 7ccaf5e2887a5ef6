import { discoveryDocument, JWKS_MAX_AGE, JWKS_PATH, jwks } from '../access-token/discovery.ts';
import type { Deps } from '../deps.ts';
import type { OperationContext } from '../graphql-engine/context.ts';
import { watchProxies } from './client.ts';
import {
  type HttpRequest,
  type HttpResponse,
  json,
  pathOf,
  type RequestHead,
  type Route,
  type Routes,
  type Step,
} from './exchange.ts';
import { createFormPostRoutes } from './form-post.ts';
import type { createGraphqlSteps } from './graphql-route.ts';
import type { RequestObserver } from './observed-request.ts';
import { createCors, isPreflight } from './origins.ts';
import { createSecureHeaders } from './secure-headers.ts';
import type { TokenCookies } from './token-cookies.ts';

/** One request that has been answered. */
type AnsweredRequest = {
  readonly request: HttpRequest;
  readonly context: OperationContext;
  readonly cookies: TokenCookies;
  readonly startedAt: number;
};

/** One step of an answer: it returns headers that are added to those of the steps before it. */
type AnswerStep = readonly [
  name: string,
  run: (answer: HttpResponse, answered: AnsweredRequest) => HttpResponse['headers'],
];

/** The request as one list: every path, and every step in order. */
export type RequestList = {
  readonly before: readonly Step[];
  readonly routes: Routes;
  readonly after: readonly AnswerStep[];
  /** True if a route needs the body of this request. The listener asks before it reads a body. */
  takesBody(head: RequestHead): boolean;
};

/**
 * Lists all steps of a request, from its complete head and body to the headers of the response. The steps of
 * `before` run first, then the steps of the path's route, until one of them returns a response. The steps of
 * `after` run for every response, errors included. The checks that the listener makes earlier are in
 * HEAD_CHECKS and BODY_CHECKS, in this order.
 *
 * @param options.pages routes for development, which production does not have
 */
export function createRequestList(
  deps: Deps,
  options: {
    readonly graphql: GraphqlSteps;
    readonly isReady: () => boolean;
    readonly observer: RequestObserver;
    readonly pages: Routes;
  },
): RequestList {
  const { config } = deps;
  const { graphql, isReady, observer, pages } = options;
  return listOf(deps, observer, {
    '/graphql': graphqlRoute(graphql, watchProxies(deps)),
    '/health/live': readOnly(['live', () => json({ status: 'live' })]),
    '/health/ready': readOnly(['ready, or 503', () => readiness(isReady)]),
    [JWKS_PATH]: readOnly(['public keys', () => published(jwks(deps.accessTokenKeys))]),
    '/.well-known/openid-configuration': readOnly([
      'discovery document',
      () => published(discoveryDocument(config)),
    ]),
    // The other origins that may use passkeys of this RP ID (L3 5.11).
    ...(config.passkeys.enabled && {
      '/.well-known/webauthn': readOnly([
        'related origins of passkeys',
        () => published({ origins: config.passkeys.origins.filter(isWebOrigin) }),
      ]),
    }),
    ...createFormPostRoutes(deps),
    ...pages,
  });
}

/**
 * The list of the administrators' listener: their API, and the public one to sign in to it (AD-1).
 *
 * @param deps.config the settings of that listener: its own origin, and no other page's
 */
export function createAdminRequestList(
  deps: ListDeps,
  options: {
    readonly admin: GraphqlSteps;
    readonly graphql: GraphqlSteps;
    readonly observer: RequestObserver;
  },
): RequestList {
  const watchProxy = watchProxies(deps);
  const routes = {
    '/admin/graphql': graphqlRoute(options.admin, watchProxy),
    '/graphql': graphqlRoute(options.graphql, watchProxy),
  };
  return listOf(deps, options.observer, routes, { deniesLoopback: true });
}

type GraphqlSteps = ReturnType<typeof createGraphqlSteps>;

type ListDeps = Pick<Deps, 'config' | 'clock' | 'log'>;

/** A path where operations are executed. */
function graphqlRoute(graphql: GraphqlSteps, watchProxy: Step[1]): Route {
  return {
    takesBody: graphql.takesBody,
    steps: [
      ['compare X-Forwarded-For with TRUSTED_PROXY_HOPS', watchProxy],
      ['405 unless POST, or GET if introspection or GraphiQL is on', graphql.requireMethod],
      ['405 for a query string that a page of another origin sent', graphql.rejectForeignRead],
      ['415 for a POST that is not plain JSON', graphql.requirePlainJson],
      ['GraphiQL page, if it is on and a browser opens it', graphql.graphiqlPage],
      ['406, or the operation by the direct path or Yoga', graphql.runOperation],
    ],
  };
}

/** The steps that the routes of a listener share. */
function listOf(
  { config, log }: Pick<Deps, 'config' | 'log'>,
  observer: RequestObserver,
  routes: Routes,
  pages: { readonly deniesLoopback?: boolean } = {},
): RequestList {
  const cors = createCors(config, log, pages);
  const secureHeaders = createSecureHeaders(config);
  return {
    before: [
      [
        '404 for a path without a route',
        ({ target }) => (Object.hasOwn(routes, pathOf(target)) ? null : NOT_FOUND),
      ],
      [
        '204 for a preflight',
        (request) =>
          isPreflight(request)
            ? cors.preflight(pathOf(request.target), request.headers.get('origin'), ['GET', 'POST'])
            : null,
      ],
    ],
    routes,
    after: [
      [
        'log line, metrics and trace',
        ({ status }, { request: { method, target }, context, startedAt }) => {
          const path = pathOf(target);
          const { requestId } = context.client;
          observer.observe({
            path: Object.hasOwn(routes, path) ? path : null,
            method,
            status,
            milliseconds: performance.now() - startedAt,
            requestId,
            ...context.observed,
          });
          return {};
        },
      ],
      ['security headers', ({ headers }) => secureHeaders(headers)],
      ['CORS headers', (_, { request }) => cors.headers(pathOf(request.target), request)],
      ['request id', (_, { context }) => ({ 'x-request-id': context.client.requestId })],
      ['token cookies', (_, { cookies }) => setCookie(cookies.written())],
    ],
    takesBody: (head) => routes[pathOf(head.target)]?.takesBody?.(head) ?? false,
  };
}

const NOT_FOUND = json({ error: 'not found' }, { status: 404 });

/** GET and HEAD of something that changes nothing (HT-6). */
export function readOnly(...steps: readonly Step[]): Route {
  return {
    steps: [
      [
        '405 unless GET or HEAD',
        ({ method }) => (method === 'GET' || method === 'HEAD' ? null : READ_ONLY),
      ],
      ...steps,
    ],
  };
}

const READ_ONLY: HttpResponse = { status: 405, headers: { allow: 'GET, HEAD' }, body: null };

/**
 * True if the server can serve requests: it is not draining, the database answers and accepts writes, and the
 * migrations are current (CF-5).
 */
function readiness(isReady: () => boolean): HttpResponse {
  return isReady() ? json({ status: 'ready' }) : json({ status: 'unavailable' }, { status: 503 });
}

/** A public document that clients may keep for a while (TK-10). */
function published(document: unknown): HttpResponse {
  return json(document, { headers: { 'cache-control': `public, max-age=${JWKS_MAX_AGE}` } });
}

/** A browser reads web origins alone there: an Android app is known by its asset links. */
function isWebOrigin(origin: string): boolean {
  return /^https?:/.test(origin);
}

function setCookie(lines: readonly string[]): HttpResponse['headers'] {
  return lines.length > 0 ? { 'set-cookie': lines } : {};
}
