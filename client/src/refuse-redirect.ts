/**
 * Sends a request and rejects a redirect as its response. On status 307 and 308, `fetch` would send the body,
 * including the password, to the address that the response names. `redirect: 'error'` would prevent that, but
 * Cloudflare Workers throw for it; `manual` exists wherever `redirect` does.
 *
 * @throws TypeError for a redirect, and whatever `fetch` throws
 */
export async function fetchWithoutRedirect(
  fetch: typeof globalThis.fetch,
  url: string | URL,
  init: RequestInit,
): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  // A browser hides the response behind `opaqueredirect`. React Native follows every redirect, whatever the
  // option says.
  const isRedirect =
    response.type === 'opaqueredirect' ||
    response.redirected ||
    (response.status >= 300 && response.status < 400);
  if (isRedirect)
    throw new TypeError('The server answered with a redirect, which is not followed.');
  return response;
}
