import type { MailQueue } from '../db/tables/outbox.ts';
import { SECOND } from '../kernel/duration.ts';
import { LONGEST_PAUSE, pauseAfterOutage } from './backoff.ts';
import type { DeliveryDeps } from './deliver.ts';
import { drainOutbox, SENT_QUEUES } from './drain.ts';

/** MAIL_CONCURRENCY and MAIL_RATE: mails in flight at once, and mails a second, of this process. */
export type MailThroughput = { readonly concurrency: number; readonly rate: number };

/** Bounds the processor time of a backlog, so that the API stays responsive (F-11). */
export const DEFAULT_THROUGHPUT: MailThroughput = { concurrency: 8, rate: 80 };

/** Decoys are processed one after another. Real mails have their own throughput. */
const DECOY_THROUGHPUT: MailThroughput = { concurrency: 1, rate: 10 };

/** How long a stopping worker waits for mails in flight. An unfinished mail is retried after its lease. */
const GRACE = 5 * SECOND;

/** The worker that sends the mails of the outbox. */
export type OutboxWorker = {
  /** Runs a pass soon, because a mail was committed. Never waits, never throws. */
  wake(): void;
  /** Starts no further mail, and waits up to five seconds for the mails in flight. */
  stop(): Promise<void>;
};

/**
 * Starts sending the mails of the outbox as they become due. Several processes may do so: a lease
 * gives each mail to one process at a time. The worker never throws: a failure is logged and retried.
 *
 * @param options.pollEvery how soon the worker notices a retry, or a mail that another process left
 */
export function startOutboxWorker(
  deps: DeliveryDeps,
  options: { readonly pollEvery?: number; readonly throughput?: MailThroughput } = {},
): OutboxWorker {
  const { pollEvery, throughput = DEFAULT_THROUGHPUT } = options;
  const poll = pollEvery === undefined ? {} : { pollEvery };
  const workers = [
    startQueueWorker(deps, { ...poll, queues: SENT_QUEUES, throughput }),
    // Separate, because strangers can cause thousands of decoys, and no real mail may wait behind one.
    startQueueWorker(deps, { ...poll, queues: ['decoy'], throughput: DECOY_THROUGHPUT }),
  ];
  return {
    wake() {
      for (const worker of workers) worker.wake();
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

function startQueueWorker(
  deps: DeliveryDeps,
  options: {
    readonly queues: readonly MailQueue[];
    readonly throughput: MailThroughput;
    readonly pollEvery?: number;
  },
): OutboxWorker {
  const { queues, pollEvery = 2 * SECOND } = options;
  const { concurrency, rate } = options.throughput;
  const stopping = new AbortController();
  const afterEach = createSpacing(rate, stopping.signal);
  const bell = createBell();
  let outages = 0;

  const pass = async (): Promise<void> => {
    // After an outage one mail is tried alone. The others follow once it was accepted.
    const bounds = outages > 0 ? { concurrency: 1, limit: 1 } : { concurrency };
    const { signal } = stopping;
    const ended = await drainOutbox(deps, { ...bounds, queues, afterEach, signal });
    if (ended === 'unavailable') {
      outages += 1;
      return;
    }
    if (outages > 0) {
      outages = 0;
      bell.ring();
    }
  };

  // Nothing catches an error outside of a pass; it would end the process (LO-7).
  const pause = (): number => {
    try {
      return pauseAfterOutage(deps.random, outages);
    } catch (error) {
      deps.log.error({ err: error }, 'mail pause not drawn');
      return LONGEST_PAUSE;
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await pass();
      } catch (error) {
        outages += 1;
        deps.log.error({ err: error }, 'outbox pass failed');
      }
      if (outages > 0) {
        // A wake does not end this pause, because each new mail would fail the same way.
        await sleep(pause(), stopping.signal);
      } else {
        await bell.wait(pollEvery);
      }
    }
  };

  const running = run();
  return {
    wake: bell.ring,
    async stop() {
      stopping.abort();
      bell.ring();
      const enough = new AbortController();
      await Promise.race([running, sleep(GRACE, enough.signal)]);
      enough.abort();
    },
  };
}

/**
 * Spaces mails evenly, across all concurrent senders. A sender waits after its mail and not before it,
 * because it would wait with the mail's lease.
 */
function createSpacing(rate: number, signal: AbortSignal): () => Promise<void> {
  const interval = SECOND / rate;
  let next = performance.now();
  return async () => {
    const now = performance.now();
    next = Math.max(next, now) + interval;
    if (next - now >= 1) await sleep(next - now, signal);
  };
}

/** Wakes a waiting worker. A ring while nobody waits is remembered: its mail may have missed the pass. */
function createBell(): { ring(): void; wait(milliseconds: number): Promise<void> } {
  let rung = false;
  let answer: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      answer?.();
    },
    async wait(milliseconds) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          answer = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      answer = null;
    },
  };
}

/** Waits for a time, or until the signal is aborted. */
async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
