import { SECOND } from '../kernel/duration.ts';

/** Computes the queue limit and the retry times from the durations of recent tasks. */
export type RetryAfter = {
  recordDuration(milliseconds: number): void;
  /**
   * The largest number of tasks that may wait, so that the last of them begins within {@link LONGEST_WAIT}.
   */
  longestQueue(): number;
  /**
   * Whole seconds after which a client that is rejected now should retry. Each rejected client gets the slot
   * after the previous client's; after the last slot, the first is next. If all clients got the same second,
   * they would all return at once and delay every other request (RL-12).
   *
   * @param ahead the number of tasks that run or wait now
   */
  seconds(ahead: number): number;
};

/** The weight of the newest duration in the average. */
const SMOOTHING = 0.1;

/** Shorter than the deadline of a request, so that a late refusal becomes an early one (GQ-14). */
const LONGEST_WAIT = 5 * SECOND;

/** Clients that ignore `retryAfter` cannot push what other clients are given beyond this limit. */
const LONGEST_RETRY_AFTER = 10 * SECOND;

/**
 * @param concurrency tasks that run at once
 * @param now milliseconds of a monotonic clock
 */
export function createRetryAfter(concurrency: number, now: () => number): RetryAfter {
  let average = 0;
  let lastSlot = Number.NEGATIVE_INFINITY;
  const slotLength = () => average / concurrency;

  return {
    recordDuration(milliseconds) {
      average = average === 0 ? milliseconds : average + SMOOTHING * (milliseconds - average);
    },
    longestQueue: () =>
      average === 0 ? Number.POSITIVE_INFINITY : Math.floor(LONGEST_WAIT / slotLength()),
    seconds(ahead) {
      const present = now();
      const firstSlot = present + ahead * slotLength();
      lastSlot = Math.max(firstSlot, lastSlot + slotLength());
      if (lastSlot > present + LONGEST_RETRY_AFTER) lastSlot = firstSlot;
      return Math.max(1, Math.ceil((lastSlot - present) / SECOND));
    },
  };
}
