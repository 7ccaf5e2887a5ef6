import type { ClientConnection } from '../graphql-engine/deadline.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';

/** A server as one function of the platform's Request. */
export type Fetch = (
  request: Request,
  connection?: { readonly remoteAddress: string | null },
) => Promise<Response>;

/** Converts a request for code that uses the platform's types: GraphQL Yoga and the development pages. */
export function toRequest({ method, target, headers, body }: HttpRequest, origin: string): Request {
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0;
  return new Request(origin + target, {
    method,
    headers: new Headers([...headers]),
    body: hasBody ? body : null,
  });
}

/**
 * Reads a response of the platform's type as one piece. Yoga's own Response keeps the case its names
 * were written in, and counts its body. Counting the body is the listener's job: otherwise Yoga's
 * response would differ from the direct path's (LG-1).
 */
export async function fromResponse(response: Response): Promise<HttpResponse> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) headers[name.toLowerCase()] = value;
  delete headers['content-length'];
  const body = response.body === null ? null : Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers, body };
}

/** The server for callers that have no socket: tests, and programs that embed it. */
export function asFetch(handle: (request: HttpRequest) => Promise<HttpResponse>): Fetch {
  return async (request, { remoteAddress } = { remoteAddress: null }) => {
    const { pathname, search } = new URL(request.url);
    const { status, headers, body } = await handle({
      method: request.method,
      target: pathname + search,
      headers: request.headers,
      body: Buffer.from(await request.arrayBuffer()),
      remoteAddress,
      connection: connectionOf(request.signal),
    });
    return new Response(typeof body === 'string' || !body ? body : new Uint8Array(body), {
      status,
      headers: Object.entries(headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : value.map((line) => [name, line]),
      ) as [string, string][],
    });
  };
}

/** A client that disconnects when a signal aborts. */
export function connectionOf(signal: AbortSignal): ClientConnection {
  return {
    isDisconnected: () => signal.aborted,
    onDisconnect: (listener) => signal.addEventListener('abort', listener, { once: true }),
  };
}
