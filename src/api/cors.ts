import type { Config } from '../config.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

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

/**
 * The headers that let the pages of exactly the listed origins read answers, and no others; the
 * default list is empty (HT-1). Cookies come along in cookie mode only. `Vary` keeps a shared cache
 * from handing one origin's answer to another.
 */
export function allowOrigin(
  config: Config,
  origin: string | null,
): Readonly<Record<string, string>> {
  if (origin === null || !config.corsOrigins.includes(origin)) return NOBODY;
  return {
    ...NOBODY,
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id, retry-after',
    ...(config.session.refreshCookie && { 'access-control-allow-credentials': 'true' }),
  };
}

/** True for a browser's question whether it may send a request. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method');
}

/** The answer to a preflight; to a stranger's it says nothing that would allow anything. */
export function preflight(
  config: Config,
  origin: string | null,
  methods: readonly string[],
): HttpAnswer {
  const isKnown = origin !== null && config.corsOrigins.includes(origin);
  return {
    status: 204,
    headers: isKnown
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
  };
}
