import type { Hangup } from '../http/exchange.ts';
import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';

/** How long an operation may take (GQ-14). */
const OPERATION_TIME = 10 * SECOND;

/** The client hung up: whatever this is answered with, nobody reads it. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('The client disconnected.');
  }
}

/** Ends what waits on behalf of one request: when its time is over, or its client gone. */
export type Deadline = {
  /** For work that can be called off; made when it is first asked for. */
  readonly signal: AbortSignal;
  /** Called once with the reason; at once when it is over already. */
  onOver(listener: (reason: Error) => void): void;
  cancel(): void;
};

/** The time of one request runs from here on. Who answers cancels it, or its timer outlives the request. */
export function createDeadline(hangup: Hangup, milliseconds = OPERATION_TIME): Deadline {
  return new RequestDeadline(hangup, milliseconds);
}

/**
 * A class for the sake of `signal`: V8 gives every object literal with a getter a hidden class of
 * its own, which lives in the old generation and holds the getter's closure, and so the whole
 * request, until a major collection (ADR-0024).
 */
class RequestDeadline implements Deadline {
  readonly #listeners: ((reason: Error) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #over: Error | null = null;
  #cancelled = false;
  #controller: AbortController | null = null;

  constructor(hangup: Hangup, milliseconds: number) {
    this.#timer = setTimeout(
      () => this.#end(new ServiceUnavailableError({ cause: new Error('deadline') })),
      milliseconds,
    );
    const leave = () => this.#end(new ClientGoneError());
    if (hangup.isGone()) leave();
    else hangup.onGone(leave);
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const made = new AbortController();
    this.#controller = made;
    this.onOver((reason) => made.abort(reason));
    return made.signal;
  }

  onOver(listener: (reason: Error) => void): void {
    if (this.#over) listener(this.#over);
    else this.#listeners.push(listener);
  }

  cancel(): void {
    this.#cancelled = true;
    clearTimeout(this.#timer);
  }

  #end(reason: Error): void {
    if (this.#over || this.#cancelled) return;
    this.#over = reason;
    clearTimeout(this.#timer);
    for (const listener of this.#listeners) listener(reason);
  }
}
