import { sql } from 'drizzle-orm';
import { SECOND } from '../kernel/duration.ts';
import type { Clock, Log } from '../kernel/ports.ts';
import { DatabaseError } from './errors.ts';
import { type Executor, run } from './executor.ts';
import { firstRow, map, type Statement } from './statement.ts';

/** The database's clock, read without a query for each reading. */
export type DatabaseClock = Clock & {
  /** Measures the offset again now. Also runs every 30 s. Never rejects. */
  readonly refresh: () => Promise<void>;
  readonly stop: () => void;
};

/** Dependencies of the clock. Only tests pass `monotonic` and `measure`. */
export type ClockOptions = {
  readonly log: Log;
  /** Milliseconds of a monotonic clock, which changes of the system time do not affect. */
  readonly monotonic?: () => number;
  /** The database's time as milliseconds since 1970. */
  readonly measure?: () => Promise<number>;
};

/** `error` is half of the round trip: the largest possible error of the offset. */
type Sample = { readonly offset: number; readonly error: number };

const INTERVAL = 30 * SECOND;
const SAMPLES = 4;

/**
 * A correction up to this size never makes the time run backwards. A larger correction takes effect at once.
 */
const LARGEST_SMOOTHED = SECOND;

/**
 * Creates the clock that decides every expiry. With one clock, neither several instances nor an instance
 * whose clock is wrong disagree about what has expired.
 *
 * @throws ServiceUnavailableError if the database does not answer at the start
 */
export async function createDatabaseClock(
  db: Executor,
  {
    log,
    monotonic = () => performance.now(),
    measure = () => run(db, databaseTime()),
  }: ClockOptions,
): Promise<DatabaseClock> {
  let anchor = await bestSample(measure, monotonic);
  let latest = Number.NEGATIVE_INFINITY;

  const refresh = async () => {
    try {
      const sample = await bestSample(measure, monotonic);
      // If the two samples overlap, they agree. The old one is kept, so that the time does not jitter.
      const change = Math.abs(sample.offset - anchor.offset);
      if (change <= sample.error + anchor.error && sample.error >= anchor.error) return;
      if (change > LARGEST_SMOOTHED) log.warn({ change }, 'database clock moved');
      anchor = sample;
    } catch (error) {
      log.warn({ err: error }, 'database clock query failed');
    }
  };
  const timer = setInterval(() => void refresh(), INTERVAL);
  timer.unref();

  return {
    isOfDatabase: true,
    now() {
      const now = anchor.offset + monotonic();
      latest = now >= latest - LARGEST_SMOOTHED ? Math.max(now, latest) : now;
      return new Date(Math.floor(latest));
    },
    refresh,
    stop: () => clearInterval(timer),
  };
}

/** Returns the sample with the shortest round trip, which waiting has distorted least. */
async function bestSample(
  measure: () => Promise<number>,
  monotonic: () => number,
): Promise<Sample> {
  let best: Sample = { offset: 0, error: Number.POSITIVE_INFINITY };
  for (let taken = 0; taken < SAMPLES; taken += 1) {
    const sent = monotonic();
    const time = await measure();
    const error = (monotonic() - sent) / 2;
    if (error < best.error) best = { offset: time - sent - error, error };
  }
  return best;
}

/** The database's time as milliseconds since 1970. */
export function databaseTime(): Statement<number> {
  const time = sql<{ readonly milliseconds: string }>`
    select extract(epoch from clock_timestamp()) * 1000 as milliseconds`;
  return map(firstRow(time), (row) => {
    if (!row) throw new DatabaseError({ code: 'NO_ROW' });
    return Number(row.milliseconds);
  });
}
