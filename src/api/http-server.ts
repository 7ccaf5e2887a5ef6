import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import type { Hangup, HeaderReader } from './exchange.ts';
import type { Handler } from './handler.ts';
import { rawRefusal, refuse } from './refuse.ts';
import { readBody } from './request-body.ts';
import { securityHeaders } from './secure-headers.ts';

/**
 * Joins node:http to the handler. Bodies are small and answers are whole, so both are read and
 * written in one piece. Nothing a socket does is waited for without an end (HT-5), and what is
 * refused before it is a request carries the headers of every other answer (HT-4).
 *
 * @param publicUrl stands in for the Host header, which is the caller's text (PR-2)
 */
export function createHttpServer(handler: Handler, publicUrl: string, log: Log): Server {
  const headers = securityHeaders({ publicUrl });
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 10 * SECOND,
      requestTimeout: 20 * SECOND,
      // How often the two above are looked at; Node's own 30 s would triple them.
      connectionsCheckingInterval: SECOND,
      // Node's own answer would lack our headers; it is refused below.
      requireHostHeader: false,
      // As HTTP has it; by itself Node keeps the first of most and forgets the others.
      joinDuplicateHeaders: true,
    },
    (incoming, outgoing) => {
      serve({ handler, headers }, incoming, outgoing).catch((error: unknown) => {
        if (outgoing.destroyed) return;
        log.error({ err: error }, 'request failed');
        refuse(incoming, outgoing, 500, headers);
      });
    },
  );
  server.on('checkExpectation', (incoming, outgoing) => refuse(incoming, outgoing, 417, headers));
  server.on('clientError', (error: ClientError, socket: Duplex) => {
    if (socket.writable) socket.end(rawRefusal(statusOf(error), headers));
    else socket.destroy();
  });
  // Longer than a load balancer keeps an idle connection, so that it never meets a closed one.
  server.keepAliveTimeout = 75 * SECOND;
  return server;
}

/** Node's error of a connection that is no HTTP, with what came over it. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

type Service = {
  readonly handler: Handler;
  readonly headers: Readonly<Record<string, string>>;
};

async function serve(
  { handler, headers }: Service,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: target = '' } = incoming;
  const lacksHost = incoming.httpVersion === '1.1' && incoming.headers.host === undefined;
  if (!isTarget(target) || lacksHost) return refuse(incoming, outgoing, 400, headers);
  if (!METHODS.has(method)) return refuse(incoming, outgoing, 405, headers);
  const body = await readBody(incoming);
  if (body === 'too large') return refuse(incoming, outgoing, 413, headers);
  if (body === 'cut off') return;
  const answer = await handler({
    method,
    target,
    headers: new IncomingHeaders(incoming),
    body,
    remoteAddress: incoming.socket.remoteAddress ?? null,
    hangup: hangupOf(outgoing),
  });
  const payload = answer.body ?? '';
  const length = answer.status !== 204 && { 'content-length': Buffer.byteLength(payload) };
  outgoing.writeHead(answer.status, { ...answer.headers, ...length } as OutgoingHttpHeaders);
  outgoing.end(method === 'HEAD' ? undefined : payload);
}

/** TRACE would read cookies back; the rest of the registry means nothing here (HT-6). */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A path, with no host before it. */
function isTarget(target: string): boolean {
  if (target === '/graphql') return true;
  return target.startsWith('/') && URL.canParse(`http://localhost${target}`);
}

function hangupOf(outgoing: ServerResponse): Hangup {
  const isGone = () => outgoing.destroyed && !outgoing.writableFinished;
  return {
    isGone,
    onGone: (listener) => {
      outgoing.once('close', () => {
        if (isGone()) listener();
      });
    },
  };
}

/** Node's own table of headers; several lines of one name are joined in it (joinDuplicateHeaders). */
class IncomingHeaders implements HeaderReader {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  get(name: string): string | null {
    const value = this.#incoming.headers[name];
    return (Array.isArray(value) ? value.join(', ') : value) ?? null;
  }

  has(name: string): boolean {
    return this.#incoming.headers[name] !== undefined;
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    const { rawHeaders } = this.#incoming;
    for (let index = 0; index + 1 < rawHeaders.length; index += 2)
      yield [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''];
  }
}

/** What the parser refused, as a status. It calls bytes that are no HTTP at all a method, too. */
function statusOf({ code, rawPacket }: ClientError): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_INVALID_METHOD' && /^[A-Z]+ /.test(rawPacket?.toString('latin1') ?? '')) {
    return 405;
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}
