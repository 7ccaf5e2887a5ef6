import type { Session } from './session-types.ts';

/**
 * Creates a `fetch` that adds the access token, for any API that accepts it. If the response has status 401,
 * the request is sent once more with a new token, unless its body was a stream.
 *
 * @param options.origins the origins that receive the token. Requests to other origins are sent without it.
 */
export function createSessionFetch(
  session: Pick<Session, 'getAccessToken' | 'refresh'>,
  options: { readonly origins: readonly string[]; readonly fetch?: typeof globalThis.fetch },
): typeof globalThis.fetch {
  const origins = new Set(options.origins.map((origin) => new URL(origin).origin));
  return async (input, init) => {
    const send = options.fetch ?? globalThis.fetch;
    const request = new Request(input, init);
    if (!origins.has(new URL(request.url).origin)) return send(request);
    const token = await session.getAccessToken();
    if (token === null) return send(request);
    const again = isStream(init?.body) ? null : request.clone();
    const response = await send(signed(request, token));
    if (response.status !== 401 || !again) return response;
    const next = await session.refresh(token);
    return next === null ? response : send(signed(again, next));
  };
}

/** Does not test for `ReadableStream`, which React Native does not have. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'getReader' in body;
}

function signed(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return new Request(request, { headers });
}
