import { ServerBusyError } from '../../kernel/errors.ts';
import type { HashOptions } from '../../kernel/ports.ts';
import { createFairQueue } from './fair-queue.ts';

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
  /** @throws ServerBusyError when a task of this source would be refused now */
  demandRoom(source: string | null): void;
  stats(): GateStats;
};

export type GateOptions = {
  /** Tasks in flight at most. */
  readonly concurrency: number;
  /** Tasks waiting at most. */
  readonly queue: number;
};

type Waiter = { readonly start: () => void; readonly refuse: (reason: unknown) => void };

/** How much the newest duration moves the average that the advice to retry is made from. */
const SMOOTHING = 0.1;

export function createGate({ concurrency, queue }: GateOptions): Gate {
  if (!(concurrency >= 1 && queue >= 0)) throw new RangeError('A gate needs room for one task.');
  const line = createFairQueue<Waiter>(queue);
  let inFlight = 0;
  let averageMs = 0;

  const busy = () => {
    const backlog = (inFlight + line.size()) / concurrency;
    return new ServerBusyError(Math.max(1, Math.ceil((backlog * averageMs) / 1000)));
  };

  const pass = async <T>(task: () => Promise<T>): Promise<T> => {
    inFlight += 1;
    const startedAt = performance.now();
    try {
      return await task();
    } finally {
      averageMs += SMOOTHING * (performance.now() - startedAt - averageMs);
      inFlight -= 1;
      line.take()?.start();
    }
  };

  return {
    run(task, { source, signal } = {}) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (inFlight < concurrency) return pass(task);
      const owner = source ?? '';
      return new Promise((resolve, reject) => {
        const leave = () => signal?.removeEventListener('abort', abandon);
        const waiter: Waiter = {
          start: () => {
            leave();
            resolve(pass(task));
          },
          refuse: (reason) => {
            leave();
            reject(reason);
          },
        };
        const abandon = () => {
          line.remove(owner, waiter);
          waiter.refuse(signal?.reason);
        };
        signal?.addEventListener('abort', abandon);
        line.add(owner, waiter)?.refuse(busy());
      });
    },
    demandRoom(source) {
      if (inFlight >= concurrency && !line.hasRoom(source ?? '')) throw busy();
    },
    stats: () => ({ inFlight, waiting: line.size() }),
  };
}
