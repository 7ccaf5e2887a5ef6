import type { Config } from '../config.ts';

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Two years: past the year that HSTS preload lists ask for. */
const TRANSPORT_POLICY = 'max-age=63072000; includeSubDomains';

/** What even the shortest answer carries (HT-4). */
export function securityHeaders({
  publicUrl,
}: Pick<Config, 'publicUrl'>): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'content-security-policy': API_POLICY,
    ...(publicUrl.startsWith('https:') && { 'strict-transport-security': TRANSPORT_POLICY }),
  };
}

/** What a route may say otherwise: a page needs scripts, a public document may be kept. */
const NEGOTIABLE = new Set(['referrer-policy', 'cache-control', 'content-security-policy']);

/**
 * The headers of every answer, errors included (HT-4). A route that needs more room than the
 * strictest policy (a page in development) brings a policy of its own.
 */
export function secureHeaders(
  given: Headers,
  config: Config,
  request: { readonly path: string; readonly requestId: string },
): Headers {
  const headers = new Headers(given);
  headers.set('x-request-id', request.requestId);
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
  for (const [name, value] of Object.entries(securityHeaders(config))) {
    if (NEGOTIABLE.has(name) && headers.has(name)) continue;
    if (name === 'content-security-policy' && isPage) continue;
    headers.set(name, value);
  }
  if (headers.get('content-type') === 'application/json') {
    headers.set('content-type', 'application/json; charset=utf-8');
  }
  return headers;
}
