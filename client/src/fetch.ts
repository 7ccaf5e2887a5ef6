import type { Session } from './session-types.ts';

/**
 * A `fetch` that signs requests, for any API that takes the access token. A request that is
 * answered with 401 is sent once more with a new token, unless its body was a stream.
 *
 * @param options.origins who gets the token; every other origin is asked without it
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

/** Not by `ReadableStream`, which React Native does not have. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'getReader' in body;
}

function signed(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${token}`);
  return new Request(request, { headers });
}
