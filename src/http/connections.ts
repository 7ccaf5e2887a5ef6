import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MINUTE, SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import { atMostEvery } from '../kernel/report.ts';

/** The limits on what all clients together can make the process keep (HT-5b to HT-5d). */
export type ConnectionLimits = {
  /** Open connections. Descriptors for everything else are left free. */
  readonly connections: number;
  /** Requests under way. Others wait, each on its own connection. */
  readonly inFlight: number;
  /** Pipelined requests that were read and wait behind another, on all connections. */
  readonly pipelined: number;
  /** Bytes of request bodies, on all connections. */
  readonly bodyMemory: number;
  /** How long a client may take to send the head of a request, and the whole of it (HT-5). */
  readonly headTime: number;
  readonly requestTime: number;
  /** How long a client may take to read a response. */
  readonly responseTime: number;
  /** How long a connection stays open after the server has ended its side. */
  readonly linger: number;
};

const LIMITS: Omit<ConnectionLimits, 'connections'> = {
  inFlight: 1_000,
  pipelined: 5_000,
  // Room for a thousand bodies of the largest size. The body of a usual operation has about 2 kB.
  bodyMemory: 64 * 1024 * 1024,
  headTime: 10 * SECOND,
  requestTime: 20 * SECOND,
  responseTime: 30 * SECOND,
  linger: SECOND,
};

/** Bounds connections by memory if descriptors do not. */
const MAX_CONNECTIONS = 10_000;

/** Descriptors for files, mail, providers, metrics and the runtime itself. The database's are added. */
const RESERVED_DESCRIPTORS = 100;
const MIN_CONNECTIONS = 50;

/**
 * The share of connections to end if there is no room for another. Ending only one at a time would need a
 * search for each new connection.
 */
const ENDED_SHARE = 0.01;

/** The limits of this process, by the number of descriptors that it may open. */
export function connectionLimits(databasePoolSize: number): ConnectionLimits {
  const free = descriptorLimit() - databasePoolSize - RESERVED_DESCRIPTORS;
  const connections = Math.max(MIN_CONNECTIONS, Math.min(free, MAX_CONNECTIONS));
  return { ...LIMITS, connections };
}

/** Node raises its soft limit to the hard one when it starts; a diagnostic report holds the result. */
function descriptorLimit(): number {
  // Otherwise the report resolves the names of all addresses, and waits for the answers.
  Reflect.set(process.report, 'excludeNetwork', true);
  const report: object = process.report.getReport();
  const limits = member(member(report, 'userLimits'), 'open_files');
  const soft = member(limits, 'soft');
  // The value is "unlimited" if there is no limit, and missing on Windows.
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** One client's connection, and the requests on it that have no response yet. */
class Connection {
  readonly #bounds: Bounds;
  readonly socket: Socket;
  readonly #behind: (() => void)[] = [];
  #unanswered = 0;
  /**
   * The time since which the server has been waiting for the client to send a request or to read a response.
   * Null if the server is not waiting.
   */
  waitsSince: number | null = performance.now();
  #isWriting = false;
  /** The response that ends the connection is being sent: no later request is read. */
  isEnding = false;

  constructor(socket: Socket, bounds: Bounds) {
    this.socket = socket;
    this.#bounds = bounds;
  }

  /**
   * Adds a request that has arrived. Requests of one connection are served one after another
   * (RFC 9112 9.3.2), and the socket is not read while one of them waits.
   *
   * @returns null if no other request is under way, or a promise that resolves once that is so
   */
  receive(response: ServerResponse): Promise<void> | null {
    this.#unanswered += 1;
    response.on('close', this.#answered);
    if (this.#unanswered === 1) {
      this.waitsSince = performance.now();
      return null;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#behind.push(resolve);
    this.#bounds.pipelined += 1;
    this.pause();
    if (this.#bounds.pipelined > this.#bounds.limits.pipelined) this.socket.destroy();
    return promise;
  }

  /** True while requests wait behind another. */
  get isBehind(): boolean {
    return this.#behind.length > 0;
  }

  /** Reading a body makes Node resume the socket; it is paused again after that. */
  pause(): void {
    this.socket.pause();
    setImmediate(() => {
      if (this.isBehind) this.socket.pause();
    });
  }

  begin(): void {
    this.waitsSince = null;
  }

  beginResponse(): void {
    this.waitsSince = performance.now();
    this.#isWriting = true;
  }

  /** True if the client exceeds its time to read the response. */
  isTooSlow(now: number): boolean {
    const { responseTime } = this.#bounds.limits;
    return this.#isWriting && this.waitsSince !== null && now - this.waitsSince > responseTime;
  }

  /** Drops the requests that have not begun. */
  drop(): void {
    this.#bounds.pipelined -= this.#behind.length;
    this.#behind.length = 0;
  }

  readonly #answered = (): void => {
    this.#unanswered -= 1;
    this.waitsSince = performance.now();
    this.#isWriting = false;
    const next = this.#behind.shift();
    if (!next) return;
    this.#bounds.pipelined -= 1;
    if (!this.isBehind) this.socket.resume();
    next();
  };
}

/** The limits, and the count that all connections share. */
type Bounds = { readonly limits: ConnectionLimits; pipelined: number };

/** The connections of a server. */
export type Connections = {
  of(socket: Socket): Connection;
  /**
   * Begins a request. The caller must call `done()` at its end; otherwise the slot is lost.
   *
   * @returns null if fewer than `inFlight` others are under way, or a promise that resolves once that is so
   */
  begin(connection: Connection): Promise<void> | null;
  done(): void;
};

/**
 * Bounds the connections of a server.
 *
 * If there is no room for another connection, the server ends those that have waited longest for their
 * client: an idle connection, half a request, a response that nobody reads. A client that sends its
 * request at once is never among them, so idle connections keep nobody out.
 */
export function boundConnections(server: Server, limits: ConnectionLimits, log: Log): Connections {
  const open = new Map<Socket, Connection>();
  const bounds: Bounds = { limits, pipelined: 0 };
  const slots = createSlots(limits.inFlight);
  const reportLimit = atMostEvery(MINUTE, (ended: number) =>
    log.warn({ limit: limits.connections, ended }, 'connection limit reached'),
  );

  const makeRoom = () => {
    const waiting = [...open.values()]
      .filter(({ waitsSince }) => waitsSince !== null)
      .sort((a, b) => (a.waitsSince ?? 0) - (b.waitsSince ?? 0))
      .slice(0, Math.ceil(limits.connections * ENDED_SHARE));
    for (const { socket } of waiting) end(socket);
    reportLimit(waiting.length);
  };

  /** The socket's `close` comes later; until then the connection would count. */
  const end = (socket: Socket) => {
    open.get(socket)?.drop();
    open.delete(socket);
    socket.destroy();
  };

  server.on('connection', (socket: Socket) => {
    if (open.size >= limits.connections) makeRoom();
    if (open.size >= limits.connections) {
      socket.destroy();
      return;
    }
    open.set(socket, new Connection(socket, bounds));
    socket.once('close', () => end(socket));
    // The client may never end its side (HT-5b).
    socket.once('finish', () => {
      setTimeout(() => socket.destroy(), limits.linger).unref();
    });
  });

  const sweep = setInterval(() => {
    const now = performance.now();
    for (const connection of open.values()) if (connection.isTooSlow(now)) end(connection.socket);
  }, SECOND).unref();
  server.once('close', () => clearInterval(sweep));

  return {
    // A connection beyond the limit is not in the list; its requests do not count.
    of: (socket) => open.get(socket) ?? new Connection(socket, bounds),
    begin(connection) {
      connection.begin();
      return slots.acquire();
    },
    done: slots.release,
  };
}

/** A semaphore: a caller that finds no free slot waits in line. */
function createSlots(count: number) {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    /** @returns null if a slot is free, or a promise that resolves with one */
    acquire(): Promise<void> | null {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free -= 1;
      return null;
    },
    release(): void {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
