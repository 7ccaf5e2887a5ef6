import type { MailQueue } from '../db/tables/outbox.ts';
import { SECOND } from '../kernel/duration.ts';
import { LONGEST_PAUSE, pauseAfterOutage } from './backoff.ts';
import type { DeliveryDeps } from './deliver.ts';
import { drainOutbox, SENT_QUEUES } from './drain.ts';

/** MAIL_CONCURRENCY and MAIL_RATE: mails on their way at once, and mails a second, of this process. */
export type MailPace = { readonly concurrency: number; readonly rate: number };

/** Holds a backlog back, so that the API keeps the processor (F-11). */
export const DEFAULT_PACE: MailPace = { concurrency: 8, rate: 80 };

/** Of decoys one after the other, which takes nothing of the pace of real mails. */
const DECOY_PACE: MailPace = { concurrency: 1, rate: 10 };

/** How long a stopping worker waits for mails in flight; what is not done by then is taken up when its lease ends. */
const GRACE = 5 * SECOND;

/** The outbox of this process. */
export type OutboxWorker = {
  /** A row was just committed: runs a pass soon. Never waits, never throws. */
  wake(): void;
  /** Starts nothing more and waits, within reason, for what is in flight. */
  stop(): Promise<void>;
};

/**
 * Starts sending what is in the outbox, now and whenever something is due. Several processes may:
 * each mail is one's at a time. No failure leaves this function; it is logged and tried again.
 *
 * @param options.pollEvery how soon a retry, or a row another process left behind, is noticed
 */
export function startOutboxWorker(
  deps: DeliveryDeps,
  options: { readonly pollEvery?: number; readonly pace?: MailPace } = {},
): OutboxWorker {
  const { pollEvery, pace = DEFAULT_PACE } = options;
  const poll = pollEvery === undefined ? {} : { pollEvery };
  const workers = [
    startQueueWorker(deps, { ...poll, queues: SENT_QUEUES, pace }),
    // Apart from the others: strangers can cause decoys by the thousand, and no real mail may wait
    // behind one.
    startQueueWorker(deps, { ...poll, queues: ['decoy'], pace: DECOY_PACE }),
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
    readonly pace: MailPace;
    readonly pollEvery?: number;
  },
): OutboxWorker {
  const { queues, pollEvery = 2 * SECOND } = options;
  const { concurrency: lanes, rate } = options.pace;
  const stopping = new AbortController();
  const pace = createPace(rate, stopping.signal);
  const bell = createBell();
  let outages = 0;

  const pass = async (): Promise<void> => {
    // After an outage one mail goes ahead; the others follow when it arrived.
    const width = outages > 0 ? { lanes: 1, limit: 1 } : { lanes };
    const ended = await drainOutbox(deps, { ...width, queues, pace, signal: stopping.signal });
    if (ended === 'unavailable') {
      outages += 1;
      return;
    }
    if (outages > 0) {
      outages = 0;
      bell.ring();
    }
  };

  // Outside of a pass nothing catches what is thrown, and the process would end (LO-7).
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
        // A wake does not end this pause: each new mail would knock at the same closed door.
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
 * Spaces what leaves evenly, whatever the lanes. A lane waits after its mail and not before it: it
 * would hold the mail's lease meanwhile.
 */
function createPace(rate: number, signal: AbortSignal): () => Promise<void> {
  const interval = SECOND / rate;
  let next = performance.now();
  return async () => {
    const now = performance.now();
    next = Math.max(next, now) + interval;
    if (next - now >= 1) await sleep(next - now, signal);
  };
}

/** A ring while nobody waits is remembered: the row it announces may have missed the pass. */
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

/** Waits, or until the signal. */
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
