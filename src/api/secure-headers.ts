import type { Config } from '../config.ts';

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

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
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('cross-origin-resource-policy', 'same-origin');
  setDefault(headers, 'referrer-policy', 'no-referrer');
  setDefault(headers, 'cache-control', 'no-store');
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
  if (!isPage) setDefault(headers, 'content-security-policy', API_POLICY);
  if (config.publicUrl.startsWith('https:')) {
    headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains');
  }
  if (headers.get('content-type') === 'application/json') {
    headers.set('content-type', 'application/json; charset=utf-8');
  }
  return headers;
}

function setDefault(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value);
}
