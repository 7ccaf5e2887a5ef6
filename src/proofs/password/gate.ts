import { ServerBusyError } from '../../kernel/errors.ts';
import type { HashOptions, HashPlace } from '../../kernel/ports.ts';
import type { Source } from '../../kernel/source.ts';
import { createFairQueue } from './fair-queue.ts';
import { createPace } from './pace.ts';
import { createTurns } from './turns.ts';

/** How busy the gate is, for metrics. */
export type GateStats = { readonly inFlight: number; readonly waiting: number };

/** Lets few expensive tasks in at a time (RL-12). */
export type Gate = {
  /**
   * @throws ServerBusyError at once when the queue is full, or later when a source with fewer
   *   waiting tasks needed the place
   * @throws the signal's reason when it was aborted before the task began (GQ-14). A task that has
   *   begun runs to its end, so that hanging up cannot dodge the counting of a failure.
   */
  run<T>(task: () => Promise<T>, options?: HashOptions): Promise<T>;
  place(source: Source | null): HashPlace;
  stats(): GateStats;
};

export type GateOptions = {
  /** Tasks in flight at most. */
  readonly concurrency: number;
  /** Tasks waiting at most; fewer while they take so long that the last would wait in vain. */
  readonly queue: number;
};

type Waiter = {
  /** Begins its task; null while it is still on its way here. */
  begin: (() => void) | null;
  refuse: (reason: unknown) => void;
};

/** Work of the server itself. */
const NOBODY: Source = ['nobody'];

export function createGate({ concurrency, queue }: GateOptions): Gate {
  if (!(concurrency >= 1 && queue >= 0)) throw new RangeError('A gate needs room for one task.');
  let inFlight = 0;
  let waiting = 0;
  const pace = createPace(concurrency, () => performance.now());
  // Whoever is still on the way may have one of those that are about to begin.
  const line = createFairQueue<Waiter>(
    () => Math.min(queue, pace.bearable()) + concurrency - inFlight,
  );
  const turn = createTurns(concurrency);

  const busy = () => new ServerBusyError(pace.comeBack(inFlight + line.size()));

  const pass = async <T>(task: () => Promise<T>): Promise<T> => {
    inFlight += 1;
    const startedAt = performance.now();
    try {
      return await task();
    } finally {
      pace.note(performance.now() - startedAt);
      inFlight -= 1;
      line.take(({ begin }) => begin !== null)?.begin?.();
    }
  };

  const place = (source: Source | null): HashPlace => {
    const owner = source ?? NOBODY;
    let isTaken = false;
    let refusal: unknown = null;
    const waiter: Waiter = {
      begin: null,
      refuse: (reason) => {
        refusal = reason;
      },
    };
    const join = () => {
      if (!isTaken) line.add(owner, waiter)?.refuse(busy());
      isTaken = true;
    };
    const leave = () => line.remove(owner, waiter);
    const wait = <T>(task: () => Promise<T>, signal: AbortSignal | undefined) =>
      new Promise<T>((resolve, reject) => {
        const forget = () => {
          waiting -= 1;
          signal?.removeEventListener('abort', abandon);
        };
        waiter.begin = () => {
          forget();
          resolve(pass(task));
        };
        waiter.refuse = (reason) => {
          forget();
          reject(reason);
        };
        const abandon = () => {
          leave();
          waiter.refuse(signal?.reason);
        };
        waiting += 1;
        signal?.addEventListener('abort', abandon);
        join();
      });
    return {
      demandRoom() {
        if (!line.hasRoom(owner)) throw busy();
      },
      async take() {
        join();
        if (refusal === null) await turn();
        if (refusal !== null) throw refusal;
      },
      leave,
      run(task, signal) {
        if (signal?.aborted) return Promise.reject(signal.reason);
        if (refusal !== null) return Promise.reject(refusal);
        if (inFlight >= concurrency) return wait(task, signal);
        leave();
        return pass(task);
      },
    };
  };

  return {
    place,
    run: (task, options = {}) =>
      (options.place ?? place(options.source ?? null)).run(task, options.signal ?? undefined),
    stats: () => ({ inFlight, waiting }),
  };
}
