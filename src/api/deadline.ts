import { SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';

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
export type Deadline = { readonly signal: AbortSignal; cancel(): void };

export function createDeadline(hungUp: AbortSignal, milliseconds = OPERATION_TIME): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new ServiceUnavailableError({ cause: new Error('deadline') })),
    milliseconds,
  );
  const leave = () => controller.abort(new ClientGoneError());
  if (hungUp.aborted) leave();
  else hungUp.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    cancel: () => {
      clearTimeout(timer);
      hungUp.removeEventListener('abort', leave);
    },
  };
}
