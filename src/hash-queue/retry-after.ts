import { SECOND } from '../kernel/duration.ts';

/** What the durations of the tasks mean for those that wait and for those that are refused. */
export type RetryAfter = {
  recordDuration(milliseconds: number): void;
  /** The most tasks that may wait: the last of them still begins within {@link LONGEST_WAIT}. */
  longestQueue(): number;
  /**
   * Whole seconds after which a client that is refused now should retry. Each refused client is given the
   * slot after the previous one, and after the last slot the first one again. If all were given the same
   * second, they would all return together and delay every other request (RL-12).
   *
   * @param ahead tasks that run or wait now
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
