import type { Config } from '../config.ts';
import type { HttpResponse } from './exchange.ts';

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Two years: past the year that HSTS preload lists ask for. */
const TRANSPORT_POLICY = 'max-age=63072000; includeSubDomains';

/** The headers of even the shortest response (HT-4). */
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

/** The headers that a route may replace: a page needs scripts, clients may keep a public document. */
const NEGOTIABLE = new Set(['referrer-policy', 'cache-control', 'content-security-policy']);

/**
 * The headers of every response, errors included (HT-4). A route whose response needs a weaker policy
 * than the strictest (a page in development) sends a policy of its own.
 */
export function createSecureHeaders(config: Pick<Config, 'publicUrl'>) {
  const required = Object.freeze(securityHeaders(config));
  return (given: HttpResponse['headers']): HttpResponse['headers'] => {
    const type = given['content-type'];
    const headers: Record<string, string | readonly string[]> = { ...given, ...required };
    for (const name of NEGOTIABLE) {
      if (name in given) headers[name] = given[name] ?? '';
    }
    if (
      typeof type === 'string' &&
      type.startsWith('text/html') &&
      !('content-security-policy' in given)
    )
      delete headers['content-security-policy'];
    if (type === 'application/json') headers['content-type'] = 'application/json; charset=utf-8';
    return headers;
  };
}
