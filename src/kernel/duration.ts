/** Milliseconds in a unit, for constants that are easy to read: `5 * MINUTE`. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const;

/**
 * Parses '15m', '7d', '30s', '500ms' to milliseconds.
 *
 * @returns null for any other text
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim());
  const [, amount, unit] = match ?? [];
  if (!amount || !isUnit(unit)) return null;
  return Number(amount) * UNITS[unit];
}

/** Whole minutes in the form of a setting: '15m', '1h', '30d'. */
export function durationText(milliseconds: number): string {
  if (milliseconds % DAY === 0) return `${milliseconds / DAY}d`;
  return milliseconds % HOUR === 0 ? `${milliseconds / HOUR}h` : `${milliseconds / MINUTE}m`;
}

/** The moment that is this many milliseconds after another. */
export function after(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() + milliseconds);
}

function isUnit(unit: string | undefined): unit is keyof typeof UNITS {
  return unit !== undefined && unit in UNITS;
}
