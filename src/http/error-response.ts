import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { SECOND } from '../kernel/duration.ts';
import { MAX_BODY_PIECES } from './request-bodies.ts';

/** How long, and how many bytes, a client may go on sending after its error response. */
const LINGER = SECOND;
const LINGER_BYTES = 256 * 1024;

/** Answers a request that is not served with an error, and ends its connection. */
export function errorResponse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  respondUnread(incoming, outgoing, { status, headers: { ...headers, 'content-length': 0 } });
}

/**
 * Answers a request whose body is not read, and ends its connection. First the server discards, for a
 * moment, what the client is still sending: closing over unread bytes resets the connection, and the
 * client would never read the response.
 */
export function respondUnread(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: {
    readonly status: number;
    readonly headers: OutgoingHttpHeaders;
    readonly content?: string | Buffer;
  },
): void {
  outgoing.writeHead(response.status, { ...response.headers, connection: 'close' });
  outgoing.flushHeaders();
  if (response.content) outgoing.write(response.content);
  const end = () => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LINGER);
  timer.unref();
  if (incoming.complete || incoming.destroyed) {
    end();
    return;
  }
  let discarded = 0;
  let pieces = 0;
  incoming.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    pieces += 1;
    if (pieces > MAX_BODY_PIECES) incoming.destroy();
    else if (discarded > LINGER_BYTES) incoming.pause();
  });
  incoming.once('end', end).once('close', end).resume();
}

/** The error response to bytes that never became a request. */
export function rawErrorResponse(
  status: number,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[status] ?? 'Error';
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}content-length: 0\r\nconnection: close\r\n\r\n`;
}
