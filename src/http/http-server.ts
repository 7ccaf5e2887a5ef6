import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config.ts';
import type { ClientConnection } from '../graphql-engine/deadline.ts';
import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import {
  boundConnections,
  type ConnectionLimits,
  type Connections,
  connectionLimits,
} from './connections.ts';
import { errorResponse, rawErrorResponse, respondUnread } from './error-response.ts';
import type { Handler, HeaderReader, RequestHead } from './exchange.ts';
import {
  announcesTooMuch,
  type BodyMemories,
  type BodyMemory,
  createBodyMemories,
  hasBody,
  readBody,
} from './request-bodies.ts';
import { headOf } from './request-head.ts';
import { securityHeaders } from './secure-headers.ts';

/** The service behind the listener: it handles requests and decides which bodies are read. */
export type Service = {
  readonly handle: Handler;
  /** True if the answer depends on the body. No other body is read (HT-5a). */
  takesBody(head: RequestHead): boolean;
};

/**
 * The settings that the listener reads. `publicUrl` replaces the Host header, which the caller controls
 * (PR-2).
 */
type HttpConfig = Pick<Config, 'mode' | 'publicUrl' | 'keepAliveTimeout' | 'databasePoolSize'>;

/**
 * Creates the HTTP server that passes requests to the service. Bodies are small and responses are whole, so
 * each is read or written in one piece. Every wait for a socket has a limit (HT-5). If a client sends bytes
 * that are not a request, the error response has the same headers as every other response (HT-4).
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
    // How often Node checks the two limits above; its default of 30 s would triple them.
    connectionsCheckingInterval: SECOND,
    // Node's own response would lack our headers; HEAD_CHECKS answers such a request.
    requireHostHeader: false,
    // HTTP joins repeated headers. By default, Node keeps the first line of most headers and drops the
    // others.
    joinDuplicateHeaders: true,
  });
  const connections = boundConnections(server, bounds, log);
  const isDevelopment = config.mode === 'development';
  const bodies = createBodyMemories(bounds, log);
  const exchange = { service, headers, connections, bodies, isDevelopment };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(exchange, incoming, outgoing).catch((error: unknown) => {
      if (outgoing.destroyed) return;
      log.error({ err: error }, 'request failed');
      errorResponse(incoming, outgoing, 500, headers);
    });
  };
  server.on('request', listener);
  // By default Node would send 100 Continue before the route is known.
  server.on('checkContinue', listener);
  server.on('checkExpectation', (incoming, outgoing) =>
    errorResponse(incoming, outgoing, 417, headers),
  );
  server.on('clientError', (error: ClientError, socket: Duplex) => {
    if (socket.writable) socket.end(rawErrorResponse(statusOf(error), headers));
    else socket.destroy();
  });
  server.keepAliveTimeout = config.keepAliveTimeout;
  return server;
}

/** Node's error for bytes that are not HTTP, together with those bytes. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

type Exchange = {
  readonly service: Service;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: Connections;
  readonly bodies: BodyMemories;
  readonly isDevelopment: boolean;
};

const NO_BODY = Buffer.alloc(0);

async function serve(
  exchange: Exchange,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const memory = exchange.bodies.add(() => incoming.destroy());
  try {
    await serveWithin(memory, exchange, incoming, outgoing);
  } finally {
    memory.release();
  }
}

/** The checks of a body that a route takes, in order, with the status of their error responses. */
export const BODY_CHECKS = {
  'too large by its Content-Length': 413,
  'too large': 413,
  'no memory': 503,
} as const;

async function serveWithin(
  memory: BodyMemory,
  { service, headers, connections, isDevelopment }: Exchange,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { socket } = incoming;
  const connection = connections.of(socket);
  // A request after the last response of a connection must not be served (RFC 9112 9.6).
  if (connection.isEnding) return;
  const previous = connection.receive(outgoing);
  const end = (status: number) => {
    connection.isEnding = true;
    errorResponse(incoming, outgoing, status, headers);
  };
  const head = headOf(incoming, isDevelopment);
  if (typeof head === 'number') return end(head);
  const request = { ...head, headers: new IncomingHeaders(incoming) };
  const isRead = hasBody(incoming) && service.takesBody(request);
  const isUnread = hasBody(incoming) && !isRead;
  if (isUnread) connection.isEnding = true;
  if (isRead && announcesTooMuch(incoming))
    return end(BODY_CHECKS['too large by its Content-Length']);
  if (isRead && incoming.headers.expect !== undefined) outgoing.writeContinue();
  const body = isRead ? await readBody(incoming, memory) : NO_BODY;
  if (body === 'too large' || body === 'no memory') return end(BODY_CHECKS[body]);
  if (body === 'cut off') return;
  if (previous) await previous;
  const slot = connections.begin(connection);
  if (slot) await slot;
  const { method, target } = head;
  const remoteAddress = socket.remoteAddress ?? null;
  const client = clientConnection(outgoing);
  const answer = await service
    .handle({ method, target, headers: request.headers, body, remoteAddress, connection: client })
    .finally(connections.done);
  const payload = answer.body ?? '';
  const length = answer.status !== 204 && { 'content-length': Buffer.byteLength(payload) };
  const written = { ...answer.headers, ...length } as OutgoingHttpHeaders;
  const content = incoming.method === 'HEAD' ? '' : payload;
  connection.beginResponse();
  if (isUnread) return respondUnread(incoming, outgoing, { ...answer, headers: written, content });
  outgoing.writeHead(answer.status, written);
  outgoing.end(content);
}

function clientConnection(outgoing: ServerResponse): ClientConnection {
  const isDisconnected = () => outgoing.destroyed && !outgoing.writableFinished;
  return {
    isDisconnected,
    onDisconnect: (listener) => {
      outgoing.once('close', () => {
        if (isDisconnected()) listener();
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

/**
 * The status for an error of the parser. The parser also reports bytes that are not HTTP at all as an invalid
 * method.
 */
function statusOf({ code, rawPacket }: ClientError): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_INVALID_METHOD' && /^[A-Z]+ /.test(rawPacket?.toString('latin1') ?? '')) {
    return 405;
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}
