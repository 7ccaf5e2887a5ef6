import type { Config } from '../config.ts';

/** What a page may send beyond the safelisted headers. */
const ALLOWED_HEADERS = 'authorization, content-type, x-latchkey-csrf, x-request-id';

/** How long a browser may remember a preflight's answer, in seconds. */
const PREFLIGHT_AGE = '600';

/**
 * Lets the pages of exactly the listed origins read answers, and no others; the default list is
 * empty (HT-1). Cookies come along in cookie mode only. `Vary` keeps a shared cache from handing one
 * origin's answer to another.
 */
export function allowOrigin(headers: Headers, config: Config, origin: string | null): void {
  headers.append('vary', 'Origin');
  if (origin === null || !config.corsOrigins.includes(origin)) return;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', 'x-request-id, retry-after');
  if (config.session.refreshCookie) headers.set('access-control-allow-credentials', 'true');
}

/** True for a browser's question whether it may send a request. */
export function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.headers.has('access-control-request-method');
}

/** The answer to a preflight; to a stranger's it says nothing that would allow anything. */
export function preflight(
  config: Config,
  origin: string | null,
  methods: readonly string[],
): Response {
  const isKnown = origin !== null && config.corsOrigins.includes(origin);
  return new Response(null, {
    status: 204,
    headers: isKnown
      ? {
          'access-control-allow-methods': methods.join(', '),
          'access-control-allow-headers': ALLOWED_HEADERS,
          'access-control-max-age': PREFLIGHT_AGE,
        }
      : {},
  });
}
