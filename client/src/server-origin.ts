import { CSRF_HEADER } from './transport.ts';

/**
 * Rejects requests that a page of another site could make a browser send with the cookies: any request that is
 * not JSON with the custom header, and any request that does not come from the frontend itself (ASVS 3.5.1,
 * 3.5.2).
 */
export function refuseForeign(
  request: Request,
  origins: readonly string[] = [new URL(request.url).origin],
): Response | null {
  if (request.method !== 'POST') return refusal(405, { allow: 'POST' });
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return refusal(415);
  if (request.headers.get(CSRF_HEADER) !== '1') return refusal(403);
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return refusal(403);
  const origin = request.headers.get('origin');
  if (origin !== null && !origins.includes(origin)) return refusal(403);
  // Every browser of the last ten years sends at least one of these two headers.
  return site === null && origin === null ? refusal(403) : null;
}

function refusal(status: number, headers?: Readonly<Record<string, string>>): Response {
  return new Response(null, { status, headers: { 'cache-control': 'no-store', ...headers } });
}
