import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';

/** How long an operation may take (GQ-14). */
const OPERATION_TIME = 10 * SECOND;

/** Whether the client of a request is still connected. */
export type ClientConnection = {
  isDisconnected(): boolean;
  onDisconnect(listener: () => void): void;
};

/** The client disconnected: nobody reads the response. */
export class ClientDisconnectedError extends Error {
  override readonly name = 'ClientDisconnectedError';

  constructor() {
    super('The client disconnected.');
  }
}

/** Ends the work on behalf of one request: when its time is up, or when its client disconnects. */
export type Deadline = {
  /** For work that can be aborted. The signal is created when it is first read. */
  readonly signal: AbortSignal;
  /** Calls the listener once with the reason; immediately if the deadline has already expired. */
  onExpire(listener: (reason: Error) => void): void;
  cancel(): void;
};

/**
 * Starts the time of one request. The caller that sends the response must call `cancel()`; otherwise
 * the timer outlives the request.
 */
export function createDeadline(
  connection: ClientConnection,
  milliseconds = OPERATION_TIME,
): Deadline {
  return new RequestDeadline(connection, milliseconds);
}

/**
 * A class, because `signal` is a getter. V8 gives every object literal with a getter a hidden class of its
 * own. That class is in the old generation and refers to the getter's closure. It would keep the whole
 * request in memory until a major collection (ADR-0024).
 */
class RequestDeadline implements Deadline {
  readonly #listeners: ((reason: Error) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #expired: Error | null = null;
  #cancelled = false;
  #controller: AbortController | null = null;

  constructor(connection: ClientConnection, milliseconds: number) {
    this.#timer = setTimeout(
      () => this.#expire(new ServiceUnavailableError({ cause: new Error('deadline') })),
      milliseconds,
    );
    const disconnect = () => this.#expire(new ClientDisconnectedError());
    if (connection.isDisconnected()) disconnect();
    else connection.onDisconnect(disconnect);
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    this.onExpire((reason) => controller.abort(reason));
    return controller.signal;
  }

  onExpire(listener: (reason: Error) => void): void {
    if (this.#expired) listener(this.#expired);
    else this.#listeners.push(listener);
  }

  cancel(): void {
    this.#cancelled = true;
    clearTimeout(this.#timer);
  }

  #expire(reason: Error): void {
    if (this.#expired || this.#cancelled) return;
    this.#expired = reason;
    clearTimeout(this.#timer);
    for (const listener of this.#listeners) listener(reason);
  }
}
