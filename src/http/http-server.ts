import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config.ts';
import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import {
  boundConnections,
  type ConnectionLimits,
  type Connections,
  connectionLimits,
} from './connections.ts';
import type { Hangup, HeaderReader, RequestHead } from './exchange.ts';
import type { Handler } from './handler.ts';
import { createHeldBodies, type HeldBodies, type HeldBody } from './held-bodies.ts';
import { answerUnread, rawRefusal, refuse } from './refuse.ts';
import { announcesTooMuch, hasBody, readBody } from './request-body.ts';
import { headOf } from './request-head.ts';
import { securityHeaders } from './secure-headers.ts';

/** What answers requests: the server as a function, and which bodies it needs. */
export type Service = {
  readonly handle: Handler;
  /** True if the answer depends on the body. No other body is read (HT-5a). */
  takesBody(head: RequestHead): boolean;
};

/** What the listener has to know of the settings. `publicUrl` stands in for Host, which is the caller's text (PR-2). */
type HttpConfig = Pick<Config, 'mode' | 'publicUrl' | 'keepAliveTimeout' | 'databasePoolSize'>;

/**
 * Joins node:http to the service. Bodies are small and answers are whole, so both are read and
 * written in one piece. Nothing a socket does is waited for without an end (HT-5), and what is
 * refused before it is a request carries the headers of every other answer (HT-4).
 */
export function createHttpServer(
  service: Service,
  config: HttpConfig,
  log: Log,
  limits: Partial<ConnectionLimits> = {},
): Server {
  const headers = securityHeaders(config);
  const bounds = { ...connectionLimits(config.databasePoolSize), ...limits };
  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: bounds.headTime,
    requestTimeout: bounds.requestTime,
    // How often the two above are looked at; Node's own 30 s would triple them.
    connectionsCheckingInterval: SECOND,
    // Node's own answer would lack our headers; it is refused below.
    requireHostHeader: false,
    // As HTTP has it; by itself Node keeps the first of most and forgets the others.
    joinDuplicateHeaders: true,
  });
  const connections = boundConnections(server, bounds, log);
  const isDevelopment = config.mode === 'development';
  const bodies = createHeldBodies(bounds, log);
  const exchange = { service, headers, connections, bodies, isDevelopment };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(exchange, incoming, outgoing).catch((error: unknown) => {
      if (outgoing.destroyed) return;
      log.error({ err: error }, 'request failed');
      refuse(incoming, outgoing, 500, headers);
    });
  };
  server.on('request', listener);
  // Node would ask for the body before its route is known.
  server.on('checkContinue', listener);
  server.on('checkExpectation', (incoming, outgoing) => refuse(incoming, outgoing, 417, headers));
  server.on('clientError', (error: ClientError, socket: Duplex) => {
    if (socket.writable) socket.end(rawRefusal(statusOf(error), headers));
    else socket.destroy();
  });
  server.keepAliveTimeout = config.keepAliveTimeout;
  return server;
}

/** Node's error of a connection that is no HTTP, with what came over it. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

type Exchange = {
  readonly service: Service;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: Connections;
  readonly bodies: HeldBodies;
  readonly isDevelopment: boolean;
};

const NO_BODY = Buffer.alloc(0);

async function serve(
  exchange: Exchange,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const held = exchange.bodies.add(() => incoming.destroy());
  try {
    await serveHolding(exchange, held, incoming, outgoing);
  } finally {
    held.release();
  }
}

async function serveHolding(
  { service, headers, connections, isDevelopment }: Exchange,
  held: HeldBody,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { socket } = incoming;
  const connection = connections.of(socket);
  // What follows the last answer of a connection is not to be served (RFC 9112 9.6).
  if (connection.isEnding) return;
  const turn = connection.received(outgoing);
  const end = (status: number) => {
    connection.isEnding = true;
    refuse(incoming, outgoing, status, headers);
  };
  const head = headOf(incoming, isDevelopment);
  if (typeof head === 'number') return end(head);
  const request = { ...head, headers: new IncomingHeaders(incoming) };
  const isRead = hasBody(incoming) && service.takesBody(request);
  const isUnread = hasBody(incoming) && !isRead;
  if (isUnread) connection.isEnding = true;
  if (isRead && announcesTooMuch(incoming)) return end(413);
  if (isRead && incoming.headers.expect !== undefined) outgoing.writeContinue();
  const body = isRead ? await readBody(incoming, held) : NO_BODY;
  if (body === 'too large') return end(413);
  if (body === 'no room') return end(503);
  if (body === 'cut off') return;
  if (turn) await turn;
  const slot = connections.begin(connection);
  if (slot) await slot;
  const { method, target } = head;
  const remoteAddress = socket.remoteAddress ?? null;
  const hangup = hangupOf(outgoing);
  const answer = await service
    .handle({ method, target, headers: request.headers, body, remoteAddress, hangup })
    .finally(connections.done);
  const payload = answer.body ?? '';
  const length = answer.status !== 204 && { 'content-length': Buffer.byteLength(payload) };
  const written = { ...answer.headers, ...length } as OutgoingHttpHeaders;
  const content = incoming.method === 'HEAD' ? '' : payload;
  connection.writes();
  if (isUnread) return answerUnread(incoming, outgoing, { ...answer, headers: written, content });
  outgoing.writeHead(answer.status, written);
  outgoing.end(content);
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
