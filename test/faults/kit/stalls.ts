import { availableParallelism, loadavg } from 'node:os';

/** How late this process's own timers were: the machine's doing, and no server's. */
export type Stalls = {
  /** Milliseconds of the longest so far. */
  longest(): number;
  /** Others want more than the machine has: what takes processor time then takes any time. */
  isBusy(): boolean;
  stop(): void;
};

const TICK = 20;

/** A stall that an idle machine does not have. */
const NOTABLE = 250;

/** Begins to look. */
export function watchStalls(): Stalls {
  let longest = 0;
  let busiest = 0;
  let expected = performance.now() + TICK;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - expected);
    busiest = Math.max(busiest, loadavg()[0] ?? 0);
    expected = now + TICK;
  }, TICK);
  return {
    longest: () => longest,
    isBusy: () => longest > NOTABLE || busiest > 2 * availableParallelism(),
    stop: () => clearInterval(timer),
  };
}
