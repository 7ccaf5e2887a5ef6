import { summarize } from '../lib/statistics.ts';
import type { Reading, TableSize } from './gauges.ts';
import type { Sample } from './traffic.ts';

/** One line of the result. */
export type Line = { readonly ok: boolean; readonly what: string; readonly figure: string };

const MINUTE = 60_000;

/** Memory: the slope of the line through all readings, in MiB a minute. */
export function checkMemory(readings: readonly Reading[]): Line {
  const slope = slopeOf(readings.map(({ at, rss }) => [at / MINUTE, rss]));
  const [first, last] = [readings[0]?.rss ?? 0, readings.at(-1)?.rss ?? 0];
  return {
    ok: slope < 1,
    what: 'RSS slope < 1 MiB/min',
    figure: `${slope.toFixed(2)} MiB/min (${first.toFixed(0)} → ${last.toFixed(0)} MiB)`,
  };
}

/**
 * The heap after collections: compares the highest value of each half. A bounded cache in two generations rises
 * and falls within the same range; a leak raises the range.
 */
export function checkHeap(heaps: readonly number[]): Line {
  const [early, late] = halves(heaps).map((half) => Math.max(...half));
  const change = (late ?? Number.NaN) / (early ?? Number.NaN) - 1;
  return {
    ok: Math.abs(change) <= 0.05,
    what: 'heap after GC flat within 5 %',
    figure: `${percent(change)} (${heaps.map((heap) => heap.toFixed(1)).join(' ')} MiB)`,
  };
}

/** Descriptors and connections: compares the highest value of each half. */
export function checkHandles(
  readings: readonly Reading[],
  gauge: 'descriptors' | 'connections',
  slack: number,
): Line {
  const counts = readings.map((reading) => reading[gauge]);
  const [early = 0, late = 0] = halves(counts).map((half) => Math.max(...half));
  return {
    ok: late <= early + slack,
    what: `${gauge} flat`,
    figure: `at most ${early}, then ${late}`,
  };
}

/** Compares the p99 of two periods. If the control became slower too, the machine became slower. */
export function checkLatency(
  samples: readonly Sample[],
  windows: readonly [early: Stretch, late: Stretch],
): readonly Line[] {
  const p99 = (operation: string, { from, to }: Stretch) => {
    const within = samples.filter((one) => one.operation === operation);
    return summarize(
      within.filter(({ at }) => at >= from && at < to).map((one) => one.milliseconds),
    ).p99;
  };
  const ratio = (operation: string) => p99(operation, windows[1]) / p99(operation, windows[0]);
  const noise = Math.max(1, ratio('control'));
  return ['viewer', 'refresh', 'sign-in', 'control'].map((operation) => ({
    ok: operation === 'control' || ratio(operation) <= 1.2 * noise,
    what: operation === 'control' ? 'p99 of the control' : `p99 of ${operation} ≤ 1.2 ×`,
    figure: `${ratio(operation).toFixed(2)} × (${windows
      .map((window) => p99(operation, window).toFixed(1))
      .join(' → ')} ms)`,
  }));
}

/** A period of `performance.now()`. */
export type Stretch = { readonly from: number; readonly to: number };

/** A table may gain rows, which are history. Rows may not grow, which is bloat. */
export function checkTables(
  before: ReadonlyMap<string, TableSize>,
  after: ReadonlyMap<string, TableSize>,
): readonly Line[] {
  return [...after].map(([name, { rows, bytes }]) => {
    const old = before.get(name) ?? { rows: 0, bytes: 0 };
    const grown = Math.max(0, bytes - old.bytes);
    const gained = Math.max(0, rows - old.rows);
    // One MiB for pages that are begun and free-space maps; beyond that the size of new rows.
    const fair = 2 ** 20 + gained * 2 * (old.rows > 100 ? old.bytes / old.rows : 1024);
    return {
      ok: grown <= fair,
      what: `table ${name}`,
      figure: `${old.rows} → ${rows} rows, ${kib(old.bytes)} → ${kib(bytes)} KiB`,
    };
  });
}

/** Least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (pick: 0 | 1) => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

function halves<T>(values: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.floor(values.length / 2);
  return [values.slice(0, middle), values.slice(middle)];
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024);
}
