import type { Config } from '../config.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

/** What a page may send beyond the safelisted headers. */
const ALLOWED_HEADERS = 'authorization, content-type, x-latchkey-csrf, x-request-id';

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
          'access-control-allow-headers': ALLOWED_HEADERS,
          'access-control-max-age': PREFLIGHT_AGE,
        }
      : {},
    body: null,
  };
}
