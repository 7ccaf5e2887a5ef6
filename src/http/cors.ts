import type { Config } from '../config.ts';
import type { Log } from '../kernel/ports.ts';
import { corsOrigin } from '../settings/urls.ts';
import type { HttpAnswer, HttpRequest, RequestHead } from './exchange.ts';

/** What a page may send beyond the safelisted headers: what this API reads. */
const OWN_HEADERS = ['authorization', 'content-type', 'x-latchkey-csrf', 'x-request-id'];

/**
 * What tracing libraries and GraphQL clients add to every request by themselves: Sentry, OpenTelemetry
 * (W3C, B3), Datadog, New Relic, Apollo, Hive. A preflight that refuses one of them refuses the request.
 */
const USUAL_HEADERS = [
  ...['baggage', 'sentry-trace', 'traceparent', 'tracestate', 'newrelic', 'request-id'],
  ...['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags'],
  ...['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-origin'],
  ...['x-datadog-sampling-priority', 'x-datadog-tags'],
  ...['apollographql-client-name', 'apollographql-client-version', 'apollo-require-preflight'],
  ...['x-apollo-operation-name', 'x-apollo-operation-id', 'x-apollo-operation-type'],
  ...['graphql-client-name', 'graphql-client-version'],
];

/** How long a browser may remember a preflight's answer, in seconds. */
const PREFLIGHT_AGE = '600';

const NOBODY = Object.freeze({ vary: 'Origin' });

/** A page of this machine, on any port, exactly as browsers write it. */
const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** More refused origins than this are not told apart: a hostile page could name any number. */
const MOST_REFUSED = 20;

/** Which pages of other origins may read this server's answers. */
export type Cors = {
  /** The headers of an answer at this path. */
  headers(path: string, head: Pick<RequestHead, 'headers'>): Readonly<Record<string, string>>;
  /** The answer to a preflight; to a stranger's it says nothing that would allow anything. */
  preflight(path: string, origin: string | null, methods: readonly string[]): HttpAnswer;
};

/**
 * The pages of exactly the listed origins may read answers, and no others; the default list is empty
 * (HT-1). Cookies come along in cookie mode only. `Vary` keeps a shared cache from handing one
 * origin's answer to another.
 *
 * In development, pages of this machine may use the API as well, on any port: an app's development server
 * has one of its own. They get nothing that a program on this machine does not have anyway, because
 * there is nothing in a browser to speak for a person. In cookie mode there is, so that every origin
 * has to be listed. Strangers are refused there as in production, and the log says so once for each, with
 * the setting that would let it in: the browser does not say more than that the request failed.
 */
export function createCors(config: Config, log: Pick<Log, 'warn'>): Cors {
  const { corsOrigins, mode, publicUrl, session } = config;
  const isDevelopment = mode === 'development';
  const allowsLoopback = isDevelopment && !session.refreshCookie;
  const refused = new Set<string>();

  const isAllowed = (path: string, origin: string) =>
    corsOrigins.includes(origin) ||
    (allowsLoopback && path === '/graphql' && LOOPBACK.test(origin));
  // Browsers name the origin with every POST, also with those of this server's own pages.
  const isOwn = (origin: string, host: string | null) =>
    [new URL(publicUrl).origin, `http://${host}`, `https://${host}`].includes(origin);
  const reportOnce = (origin: string) => {
    if (refused.has(origin) || refused.size >= MOST_REFUSED) return;
    if (!corsOrigin.safeParse(origin).success) return;
    refused.add(origin);
    const setting = `CORS_ORIGINS=${[...corsOrigins, origin].join(',')}`;
    log.warn({ origin, setting }, 'cross-origin page refused');
  };

  return {
    headers: (path, { headers }) => {
      const origin = headers.get('origin');
      if (origin === null) return NOBODY;
      if (!isAllowed(path, origin)) {
        if (isDevelopment && !isOwn(origin, headers.get('host'))) reportOnce(origin);
        return NOBODY;
      }
      return {
        ...NOBODY,
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'x-request-id, retry-after',
        ...(session.refreshCookie && { 'access-control-allow-credentials': 'true' }),
      };
    },
    preflight: (path, origin, methods) => ({
      status: 204,
      headers:
        origin !== null && isAllowed(path, origin)
          ? {
              'access-control-allow-methods': methods.join(', '),
              'access-control-allow-headers': [
                ...OWN_HEADERS,
                ...USUAL_HEADERS,
                ...config.corsHeaders,
              ].join(', '),
              'access-control-max-age': PREFLIGHT_AGE,
            }
          : {},
      body: null,
    }),
  };
}

/** True for a browser's question whether it may send a request. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method');
}
