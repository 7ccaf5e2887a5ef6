/**
 * Bounds how often a recurring condition is reported, because a caller may cause it any number of
 * times. The first report of each period goes through; the others are dropped.
 *
 * @param period milliseconds
 * @param now a clock in milliseconds; by default one that never goes back
 */
export function atMostEvery<Args extends readonly unknown[]>(
  period: number,
  report: (...args: Args) => void,
  now: () => number = () => performance.now(),
): (...args: Args) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (...args) => {
    if (now() < reportedAt + period) return;
    reportedAt = now();
    report(...args);
  };
}
