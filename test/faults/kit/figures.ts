import type { Timing } from './load.ts';

/** The value that this share of them does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Of the calls that began between two moments. */
export function within(timings: readonly Timing[], from: number, to = Number.POSITIVE_INFINITY) {
  return timings.filter(({ at }) => at >= from && at < to).map(({ milliseconds }) => milliseconds);
}

/** Milliseconds for a reader. */
export function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(0)} ms`;
}
