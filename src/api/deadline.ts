import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Hangup } from './exchange.ts';

/** How long an operation may take (GQ-14). */
const OPERATION_TIME = 10 * SECOND;

/** The client hung up: whatever this is answered with, nobody reads it. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('The client is gone.');
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

export function createDeadline(hangup: Hangup, milliseconds = OPERATION_TIME): Deadline {
  const listeners: ((reason: Error) => void)[] = [];
  let over: Error | null = null;
  let cancelled = false;
  let controller: AbortController | null = null;

  const end = (reason: Error) => {
    if (over || cancelled) return;
    over = reason;
    clearTimeout(timer);
    for (const listener of listeners) listener(reason);
  };
  const leave = () => end(new ClientGoneError());
  const onOver = (listener: (reason: Error) => void) => {
    if (over) listener(over);
    else listeners.push(listener);
  };
  const timer = setTimeout(
    () => end(new ServiceUnavailableError({ cause: new Error('deadline') })),
    milliseconds,
  );
  if (hangup.isGone()) leave();
  else hangup.onGone(leave);

  return {
    get signal() {
      if (!controller) {
        const made = new AbortController();
        controller = made;
        onOver((reason) => made.abort(reason));
      }
      return controller.signal;
    },
    onOver,
    cancel: () => {
      cancelled = true;
      clearTimeout(timer);
    },
  };
}
