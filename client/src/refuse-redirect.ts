/**
 * Sends a request and refuses a redirect as an answer. On 307 and 308 `fetch` would send the body,
 * with the password in it, to whatever address the answer names. `redirect: 'error'` would do, but
 * Cloudflare Workers throw at it; `manual` exists wherever `redirect` does.
 *
 * @throws TypeError for a redirect, and what `fetch` throws
 */
export async function fetchWithoutRedirect(
  fetch: typeof globalThis.fetch,
  url: string | URL,
  init: RequestInit,
): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  // A browser hides the answer behind `opaqueredirect`. React Native follows whatever it is told.
  const isRedirect =
    response.type === 'opaqueredirect' ||
    response.redirected ||
    (response.status >= 300 && response.status < 400);
  if (isRedirect)
    throw new TypeError('The server answered with a redirect, which is not followed.');
  return response;
}
