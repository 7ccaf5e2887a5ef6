import { ServerBusyError } from '../kernel/errors.ts';
import type { HashQueue, Reservation } from '../kernel/ports.ts';
import type { Source } from '../kernel/source.ts';
import { createFairQueue } from './fair-queue.ts';
import { createRetryAfter } from './retry-after.ts';

export type HashQueueOptions = {
  /** The most tasks that run at once. */
  readonly concurrency: number;
  /** The most tasks that wait. Fewer wait while tasks take so long that the last one would wait in vain. */
  readonly capacity: number;
};

/** One entry of the queue. Its caller may still be on the way from the database. */
type Entry = {
  /** Begins the task; null until the caller has brought one. */
  begin: (() => void) | null;
  refuse: (reason: unknown) => void;
};

/** The source of tasks that no client asked for. */
const SERVER: Source = ['server'];

/**
 * Runs a few expensive tasks at once, keeps a bounded number waiting, and refuses every other one at once
 * (RL-12).
 */
export function createHashQueue({ concurrency, capacity }: HashQueueOptions): HashQueue {
  if (!(concurrency >= 1 && capacity >= 0)) {
    throw new RangeError('A hash queue must run at least one task.');
  }
  let inFlight = 0;
  let waiting = 0;
  const retryAfter = createRetryAfter(concurrency, () => performance.now());
  // Reservations on the way count as well: they may get one of the slots that are free now.
  const queue = createFairQueue<Entry>(
    () => Math.min(capacity, retryAfter.longestQueue()) + concurrency - inFlight,
  );
  const nextBatch = createBatches(concurrency);

  const busy = () => new ServerBusyError(retryAfter.seconds(inFlight + queue.size()));

  const execute = async <T>(task: () => Promise<T>): Promise<T> => {
    inFlight += 1;
    const startedAt = performance.now();
    try {
      return await task();
    } finally {
      retryAfter.recordDuration(performance.now() - startedAt);
      inFlight -= 1;
      queue.take(({ begin }) => begin !== null)?.begin?.();
    }
  };

  /** One entry for one task, which enters the queue now if it reserves, or when its task has to wait. */
  const createEntry = (owner: Source) => {
    let isQueued = false;
    let refusal: unknown = null;
    const entry: Entry = {
      begin: null,
      refuse: (reason) => {
        refusal = reason;
      },
    };
    const enqueue = () => {
      if (!isQueued) queue.add(owner, entry)?.refuse(busy());
      isQueued = true;
    };
    const release = () => queue.remove(owner, entry);
    const requireKept = () => {
      if (refusal !== null) throw refusal;
    };
    const wait = <T>(task: () => Promise<T>, signal: AbortSignal | undefined) =>
      new Promise<T>((resolve, reject) => {
        const stopWaiting = () => {
          waiting -= 1;
          signal?.removeEventListener('abort', abort);
        };
        entry.begin = () => {
          stopWaiting();
          resolve(execute(task));
        };
        entry.refuse = (reason) => {
          stopWaiting();
          reject(reason);
        };
        const abort = () => {
          release();
          entry.refuse(signal?.reason);
        };
        waiting += 1;
        signal?.addEventListener('abort', abort);
        enqueue();
      });
    const reservation: Reservation = {
      release,
      async run(task, signal) {
        signal?.throwIfAborted();
        requireKept();
        if (inFlight >= concurrency) return await wait(task, signal);
        release();
        return await execute(task);
      },
    };
    return { reservation, enqueue, requireKept };
  };

  return {
    requireRoom(source) {
      if (!queue.hasRoom(source ?? SERVER)) throw busy();
    },
    async reserve(source) {
      const { reservation, enqueue, requireKept } = createEntry(source ?? SERVER);
      enqueue();
      requireKept();
      await nextBatch();
      requireKept();
      return reservation;
    },
    run(task, { reservation, source, signal } = {}) {
      const { run } = reservation ?? createEntry(source ?? SERVER).reservation;
      return run(task, signal ?? undefined);
    },
    stats: () => ({ inFlight, waiting }),
  };
}

/**
 * Spreads callers that arrive at the same moment over turns of the event loop, a batch in each. All of
 * them have entered the queue, and the excess ones are refused, before any work is done for the first
 * batch (RL-12).
 *
 * @returns a function that waits for the next batch with room
 */
function createBatches(size: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let isScheduled = false;

  const runBatch = () => {
    for (const proceed of waiting.splice(0, size)) proceed();
    isScheduled = waiting.length > 0;
    if (isScheduled) setImmediate(runBatch);
  };

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(runBatch);
    });
}
