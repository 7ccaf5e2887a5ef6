import { run } from '../db/executor.ts';
import type { StatisticsHour, StatisticsTotals } from '../db/tables/statistics.ts';
import type { Deps } from '../deps.ts';
import { DAY, HOUR, SECOND } from '../kernel/duration.ts';
import { InvalidInputError } from '../kernel/errors.ts';
import { timeOfId } from '../kernel/id.ts';
import { findTotals, listHours } from './store.ts';

/** The lengths of a bucket. */
const LENGTHS = { HOUR, DAY, WEEK: 7 * DAY } as const;

export type BucketLength = keyof typeof LENGTHS;

/** What happened from a moment on, until the next one. */
export type Bucket = Omit<StatisticsHour, 'hour'> & { readonly from: Date };

/** Figures of a time, and the newest totals; null until they were counted for the first time. */
export type Statistics = {
  readonly buckets: readonly Bucket[];
  readonly totals: (StatisticsTotals & { readonly at: Date }) | null;
};

/** The most buckets of one answer. */
export const MOST_BUCKETS = 1_000;

/** 1970 began on a Thursday: weeks begin on Mondays. */
const FIRST_MONDAY = 4 * DAY;

/**
 * Reads the figures of a time, in UTC. Reads what was counted, and never the audit log.
 *
 * @throws InvalidInputError if the time ends before it begins, or has more than {@link MOST_BUCKETS} buckets
 */
export async function readStatistics(
  { db }: Pick<Deps, 'db'>,
  { from, to, bucket }: { readonly from: Date; readonly to: Date; readonly bucket: BucketLength },
): Promise<Statistics> {
  const length = LENGTHS[bucket];
  const offset = bucket === 'WEEK' ? FIRST_MONDAY : 0;
  const indexOf = (moment: number) => Math.floor((moment - offset) / length);
  const first = indexOf(from.getTime());
  const count = to > from ? indexOf(to.getTime() - 1) - first + 1 : 0;
  if (to < from || count > MOST_BUCKETS) {
    throw new InvalidInputError([
      { path: ['to'], message: `This must be after \`from\`, by at most ${MOST_BUCKETS} buckets.` },
    ]);
  }
  const startOf = (index: number) => new Date((first + index) * length + offset);
  const buckets = Array.from({ length: count }, (_, index) => ({
    ...{ from: startOf(index), registrations: 0, signIns: 0, failedSignIns: 0 },
    ...{ secondFactorFailures: 0, passwordResets: 0 },
  }));
  const hours = await run(db, listHours({ from: startOf(0), to: startOf(count) }));
  for (const { hour, ...counts } of hours) {
    const sum = buckets[indexOf(hour.getTime()) - first];
    if (!sum) continue;
    for (const [name, n] of Object.entries(counts)) sum[name as keyof typeof counts] += n;
  }
  const totals = await run(db, findTotals());
  return { buckets, totals: totals?.at ? { ...totals, at: totals.at } : null };
}

/** How far the figures are behind, in seconds; null before the first pass. */
export async function readLag({ db, clock }: Pick<Deps, 'db' | 'clock'>): Promise<number | null> {
  const totals = await run(db, findTotals());
  if (!totals?.countedTo) return null;
  return Math.max(0, clock.now().getTime() - timeOfId(totals.countedTo)) / SECOND;
}
