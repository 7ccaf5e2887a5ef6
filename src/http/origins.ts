import type { Config } from '../config.ts';
import type { Log } from '../kernel/ports.ts';
import { FORM_POST_PATH } from '../settings/providers.ts';
import { corsOrigin } from '../settings/urls.ts';
import type { HeaderReader, HttpRequest, HttpResponse, RequestHead } from './exchange.ts';

type Origins = Pick<Config, 'publicUrl' | 'corsOrigins'>;

/**
 * True for an origin whose pages may act for the person in front of them: this server's own, or a
 * listed one. The whole text is compared, so `null`, a suffix and a substring are foreign (HT-1).
 */
function isOwnOrigin({ publicUrl, corsOrigins }: Origins, origin: string): boolean {
  return origin === new URL(publicUrl).origin || corsOrigins.includes(origin);
}

/**
 * True if the browser says that one of our own pages made this request. Browsers send Origin with
 * every POST. If Origin is missing, only Sec-Fetch-Site counts. A request with neither header is not
 * trusted (HT-2).
 */
export function isFromOwnPages(config: Origins, headers: HeaderReader): boolean {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin === null) return site === 'same-origin';
  if (!isOwnOrigin(config, origin)) return false;
  return site === null || site === 'same-origin' || site === 'same-site';
}

/** True if a browser made the request for a page of another origin, or may have. */
export function isFromElsewhere(config: Origins, headers: HeaderReader): boolean {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (origin !== null) return !isOwnOrigin(config, origin);
  return site === 'cross-site' || site === 'same-site';
}

/** The headers beyond the safelisted ones that this API reads. */
const OWN_HEADERS = ['authorization', 'content-type', 'x-latchkey-csrf', 'x-request-id'];

/**
 * The headers that tracing libraries and GraphQL clients add to every request: Sentry, OpenTelemetry
 * (W3C, B3), Datadog, New Relic, Apollo, Hive. A preflight that denies one of them denies the request.
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

/** How long a browser may cache the response to a preflight, in seconds. */
const PREFLIGHT_AGE = '600';

const NO_ORIGIN = Object.freeze({ vary: 'Origin' });

/** A page of this machine, on any port, exactly as browsers write it. */
const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** At most so many denied origins are reported: a hostile page could name any number. */
const MAX_REPORTED = 20;

/** Which pages of other origins may read this server's responses. */
export type Cors = {
  /** The headers of a response at this path. */
  headers(path: string, head: Pick<RequestHead, 'headers'>): Readonly<Record<string, string>>;
  /** The response to a preflight. For a foreign origin it allows nothing. */
  preflight(path: string, origin: string | null, methods: readonly string[]): HttpResponse;
};

/**
 * The pages of exactly the listed origins may read responses, and no others; the default list is empty
 * (HT-1). Browsers send cookies in cookie mode only. `Vary` keeps a shared cache from sending one
 * origin's response to another.
 *
 * In development, pages of this machine may use the API as well, on any port: an app's development server
 * has a port of its own. These pages get nothing that a program on this machine does not have anyway,
 * because the browser holds nothing that acts for a person. In cookie mode it does, so every origin
 * must be listed. Foreign origins are denied in development as in production. The log names each of them
 * once, with the setting that would allow it: the browser only says that the request failed.
 *
 * @param options.deniesLoopback for the administrators' listener, which no page of another origin may use (AD-1)
 */
export function createCors(
  config: Config,
  log: Pick<Log, 'warn'>,
  { deniesLoopback = false } = {},
): Cors {
  const { corsOrigins, mode, publicUrl, session } = config;
  const isDevelopment = mode === 'development';
  const allowsLoopback = isDevelopment && !deniesLoopback && !session.refreshCookie;
  const reported = new Set<string>();

  const isAllowed = (path: string, origin: string) =>
    corsOrigins.includes(origin) ||
    (allowsLoopback && path === '/graphql' && LOOPBACK.test(origin));
  // Browsers send Origin with every POST, also with those of this server's own pages.
  const isOwn = (origin: string, host: string | null) =>
    [new URL(publicUrl).origin, `http://${host}`, `https://${host}`].includes(origin);
  const reportOnce = (origin: string) => {
    if (reported.has(origin) || reported.size >= MAX_REPORTED) return;
    if (!corsOrigin.safeParse(origin).success) return;
    reported.add(origin);
    const setting = `CORS_ORIGINS=${[...corsOrigins, origin].join(',')}`;
    log.warn({ origin, setting }, 'cross-origin page refused');
  };

  return {
    headers: (path, { headers }) => {
      const origin = headers.get('origin');
      if (origin === null) return NO_ORIGIN;
      if (!isAllowed(path, origin)) {
        const isPosted = path.startsWith(FORM_POST_PATH);
        if (isDevelopment && !isPosted && !isOwn(origin, headers.get('host'))) reportOnce(origin);
        return NO_ORIGIN;
      }
      return {
        ...NO_ORIGIN,
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

/** True for a preflight: the browser asks whether it may send a request. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method');
}
