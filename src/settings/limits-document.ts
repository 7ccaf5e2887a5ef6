import { durationText } from '../kernel/duration.ts';
import { putBetween } from './document.ts';
import { LIMIT_NAMES, type Limit, limitOf } from './limits.ts';
import { unitOf } from './rate-limits.ts';

const MARKS = { start: '<!-- limits:start -->', end: '<!-- limits:end -->' } as const;

/** The rate limits as a table in Markdown. */
function limitsTable(): string {
  const rows = LIMIT_NAMES.map((name) => {
    const limit = limitOf(name);
    const { key, counts, protects, beyond } = limit;
    const cells = [`\`${name}\``, defaultOf(limit), rangeOf(limit), key, counts, protects, beyond];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head =
    '| limit | default | range of RATE_LIMITS | key | counts | protects | beyond the limit |';
  return [head, '|---|---|---|---|---|---|---|', ...rows].join('\n');
}

function defaultOf(limit: Limit): string {
  const { allowance, period, isConsecutive } = limit;
  const count = allowance.toLocaleString('en-US');
  return isConsecutive ? `${count} in a row` : `${count} in ${durationText(period)}`;
}

function rangeOf(limit: Limit): string {
  if (limit.range === null) return 'nothing';
  const [least, most] = [limit.range.least, limit.range.most].map((n) => n.toLocaleString('en-US'));
  return `${least} to ${most} ${unitOf(limit)}`;
}

/**
 * A document with the table of rate limits put between its two marks.
 *
 * @returns null when the marks are missing
 */
export function withLimitsTable(document: string): string | null {
  return putBetween(document, MARKS, limitsTable());
}
