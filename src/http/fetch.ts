import type { Hangup, HttpAnswer, HttpRequest } from './exchange.ts';
import type { Routes } from './handler.ts';

/** A server as one function of the platform's Request. */
export type Fetch = (
  request: Request,
  connection?: { readonly remoteAddress: string | null },
) => Promise<Response>;

/** For what speaks the platform's types: GraphQL Yoga, and the pages of development. */
export function toRequest({ method, target, headers, body }: HttpRequest, origin: string): Request {
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0;
  return new Request(origin + target, {
    method,
    headers: new Headers([...headers]),
    body: hasBody ? body : null,
  });
}

/**
 * What it answered, as one piece. Yoga's own Response keeps the case its names were written in, and
 * counts its body, which is the listener's to count: with it, a document's first answer would differ
 * from those of the fast lane (LG-1).
 */
export async function fromResponse(response: Response): Promise<HttpAnswer> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) headers[name.toLowerCase()] = value;
  delete headers['content-length'];
  const body = response.body === null ? null : Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers, body };
}

/** Pages by their paths, as routes. */
export function asRoutes(
  pages: Readonly<Record<string, (request: Request) => Response>>,
  origin: string,
): Routes {
  return Object.fromEntries(
    Object.entries(pages).map(([path, page]) => [
      path,
      { answer: (request) => fromResponse(page(toRequest(request, origin))) },
    ]),
  );
}

/** The server for whoever has no socket: tests, and programs that embed it. */
export function asFetch(handle: (request: HttpRequest) => Promise<HttpAnswer>): Fetch {
  return async (request, { remoteAddress } = { remoteAddress: null }) => {
    const { pathname, search } = new URL(request.url);
    const answer = await handle({
      method: request.method,
      target: pathname + search,
      headers: request.headers,
      body: Buffer.from(await request.arrayBuffer()),
      remoteAddress,
      hangup: hangupOn(request.signal),
    });
    const { status, body } = answer;
    return new Response(typeof body === 'string' || !body ? body : new Uint8Array(body), {
      status,
      headers: Object.entries(answer.headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : value.map((line) => [name, line]),
      ) as [string, string][],
    });
  };
}

/** An abort, in the words of this server. */
export function hangupOn(signal: AbortSignal): Hangup {
  return {
    isGone: () => signal.aborted,
    onGone: (listener) => signal.addEventListener('abort', listener, { once: true }),
  };
}
