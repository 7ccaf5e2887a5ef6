import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { SECOND } from '../kernel/duration.ts';
import { MAX_BODY_PIECES } from './request-body.ts';

/** How long, and how many bytes, a refused sender may go on sending before it is cut off. */
const LINGER = SECOND;
const LINGER_BYTES = 256 * 1024;

/**
 * Answers a request that is not going to be served, and ends its connection.
 */
export function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  answerUnread(incoming, outgoing, { status, headers: { ...headers, 'content-length': 0 } });
}

/**
 * Answers a request whose body is not read, and ends its connection. What is still being sent is
 * thrown away for a moment first: closing over unread bytes resets the connection, and the sender
 * would never read the answer.
 */
export function answerUnread(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: {
    readonly status: number;
    readonly headers: OutgoingHttpHeaders;
    readonly content?: string | Buffer;
  },
): void {
  outgoing.writeHead(answer.status, { ...answer.headers, connection: 'close' });
  outgoing.flushHeaders();
  if (answer.content) outgoing.write(answer.content);
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

/** The same for bytes that never became a request. */
export function rawRefusal(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[status] ?? 'Refused';
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}content-length: 0\r\nconnection: close\r\n\r\n`;
}
