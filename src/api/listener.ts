import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Log } from '../kernel/ports.ts';
import type { Handler } from './handler.ts';

/** The largest body an operation can need, with room to spare (HT-5). */
export const MAX_BODY_BYTES = 64 * 1024;

/** A request body above the limit, noticed while it streams in. */
class BodyTooLargeError extends Error {}

/**
 * Joins node:http to the handler. Bodies are small and answers are whole, so both are read and
 * written in one piece; a body is cut off at its limit whatever Content-Length claims (HT-5).
 *
 * @param publicUrl stands in for the Host header, which is the caller's text (PR-2)
 */
export function createListener(handler: Handler, publicUrl: string, log: Log): RequestListener {
  return (incoming, outgoing) => {
    serve(handler, publicUrl, incoming, outgoing).catch((error: unknown) => {
      if (error instanceof BodyTooLargeError) return refuse(outgoing, 413);
      if (incoming.destroyed || outgoing.destroyed) return;
      log.error({ err: error }, 'request failed');
      refuse(outgoing, 500);
    });
  };
}

async function serve(
  handler: Handler,
  publicUrl: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = requestUrl(incoming.url, publicUrl);
  if (!url) return refuse(outgoing, 400);
  const method = incoming.method ?? 'GET';
  if (method === 'TRACE' || method === 'CONNECT') return refuse(outgoing, 405);
  const body = method === 'GET' || method === 'HEAD' ? null : await readBody(incoming);
  const hungUp = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) hungUp.abort();
  });
  const request = new Request(url, {
    method,
    headers: headersOf(incoming),
    body: body && body.length > 0 ? body : null,
    signal: hungUp.signal,
  });
  const response = await handler(request, {
    remoteAddress: incoming.socket.remoteAddress ?? null,
  });
  const payload = Buffer.from(await response.arrayBuffer());
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  outgoing.setHeader('content-length', payload.length);
  outgoing.end(method === 'HEAD' ? undefined : payload);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  return headers;
}

function requestUrl(path: string | undefined, publicUrl: string): string | null {
  if (!path?.startsWith('/')) return null;
  return URL.canParse(publicUrl + path) ? publicUrl + path : null;
}

function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, {
    'content-length': 0,
    'cache-control': 'no-store',
    connection: 'close',
  });
  outgoing.end();
}
