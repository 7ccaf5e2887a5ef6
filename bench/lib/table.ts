import type { Result } from './rounds.ts';
import { median } from './statistics.ts';

/** Renders the results: one row for each contender in each operation. */
export function renderResults(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.operation,
    result.contender,
    `${digits(median(result.ratios))}`,
    `${digits(Math.min(...result.ratios))} to ${digits(Math.max(...result.ratios))}`,
    Math.round(result.perSecond).toLocaleString('en'),
    digits(result.p50),
    digits(result.p99),
    result.cpuMicroseconds === null ? '' : Math.round(result.cpuMicroseconds).toLocaleString('en'),
  ]);
  const head = [
    'operation',
    'contender',
    'ours ÷ it',
    'spread',
    'a second',
    'p50 ms',
    'p99 ms',
    'CPU µs',
  ];
  return renderTable([head, ...rows]);
}

/** Renders rows as a Markdown table; the first row is its head. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
}

/** Formats a number with three significant digits. */
export function digits(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}
