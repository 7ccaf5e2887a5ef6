import { SECOND } from '../../kernel/duration.ts';

/** What the durations of the tasks mean for those who wait, and for those who are sent away. */
export type Pace = {
  /** A task took so many milliseconds. */
  note(milliseconds: number): void;
  /** So many waiting tasks begin before whoever sent them would rather have been refused. */
  bearable(): number;
  /**
   * Whole seconds after which one who is sent away now should come back. Each is given the slot after
   * the one before, and after the last slot the first again: told the same second they would all come
   * back as one herd, and the others, who refresh and look, would wait behind it (RL-12).
   *
   * @param ahead tasks that run or wait now
   */
  comeBack(ahead: number): number;
};

/** How much the newest duration moves the average. */
const SMOOTHING = 0.1;

/** Below a request's own deadline, so that a late refusal becomes an early one (GQ-14). */
const LONGEST_WAIT = 5 * SECOND;

/** Whoever ignores the advice cannot push what the others are told beyond it. */
const LONGEST_ADVICE = 10 * SECOND;

/**
 * @param concurrency tasks that run at once
 * @param now milliseconds of a clock that never goes back
 */
export function createPace(concurrency: number, now: () => number): Pace {
  let average = 0;
  let promised = Number.NEGATIVE_INFINITY;
  const slot = () => average / concurrency;

  return {
    note(milliseconds) {
      average = average === 0 ? milliseconds : average + SMOOTHING * (milliseconds - average);
    },
    bearable: () => (average === 0 ? Number.POSITIVE_INFINITY : Math.floor(LONGEST_WAIT / slot())),
    comeBack(ahead) {
      const present = now();
      const first = present + ahead * slot();
      promised = Math.max(first, promised + slot());
      if (promised > present + LONGEST_ADVICE) promised = first;
      return Math.max(1, Math.ceil((promised - present) / SECOND));
    },
  };
}
