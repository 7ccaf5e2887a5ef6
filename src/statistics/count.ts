import { setTimeout as sleep } from 'node:timers/promises';
import { LAST_EVENT } from '../audit/store.ts';
import { type Executor, run } from '../db/executor.ts';
import { acquireLease, renewLease } from '../db/leases.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { after, HOUR, MINUTE } from '../kernel/duration.ts';
import { firstIdAt } from '../kernel/id.ts';
import {
  countBatch,
  countPeople,
  countSessions,
  findTotals,
  insertProgress,
  lockProgress,
  putTotals,
  setProgress,
  type Totals,
} from './store.ts';

/** The length of a lease. The next pass begins when it has expired, whether or not the instance lives. */
const LEASE = MINUTE;

/** Events that one transaction counts. It locks the rows of everybody who signed in among them. */
const BATCH = 1_000;

/** Batches of one pass: the first start with an existing log reads it in several passes. */
const BATCHES = 100;

/** People or sessions that one statement counts, so that the totals of millions exceed no time limit. */
const PAGE = 20_000;

/** How old the totals may become. */
const TOTALS_AGE = HOUR;

/** The pause after each statement, as a multiple of its duration: half of one connection at most is used. */
const REST = 1;

type PassOptions = {
  readonly signal?: AbortSignal;
  readonly batch?: number;
  readonly batches?: number;
  readonly page?: number;
};

/** The result of a pass. */
export type Pass = {
  /** The events that were read. */
  readonly events: number;
  /** True if the totals were counted, too. */
  readonly hasTotals: boolean;
};

/**
 * Brings the statistics up to date if this instance gets the lease. The audit log is read in the order of its ids, behind the
 * last id that was counted. Events younger than {@link LAST_EVENT} wait: an operation may still record one under an
 * older id, which would then never be counted. The totals of a first start come before its log, which may take several
 * passes: until then the API has none to answer.
 *
 * @returns null if another instance holds the lease
 */
export async function countAll(
  deps: Pick<Deps, 'db' | 'clock'>,
  { signal, batch = BATCH, batches = BATCHES, page = PAGE }: PassOptions = {},
): Promise<Pass | null> {
  const { db, clock } = deps;
  const startedAt = clock.now();
  let lease = after(startedAt, LEASE);
  const task = 'statistics';
  if (!(await run(db, acquireLease({ task, asOf: startedAt, expiresAt: lease })))) return null;

  /** Runs a step in a transaction that holds the lease. @returns null if another instance has taken it */
  const step = async <T>(work: (tx: Executor, now: Date) => Promise<T>) => {
    const started = performance.now();
    const done = await transaction(db, async (tx) => {
      const now = clock.now();
      const expiresAt = after(now, LEASE);
      if (!(await run(tx, renewLease({ task, current: lease, expiresAt })))) return null;
      return { result: await work(tx, now), expiresAt };
    });
    if (!done) return null;
    lease = done.expiresAt;
    await sleep((performance.now() - started) * REST, undefined, { ref: false });
    return done;
  };

  const totals = await run(db, findTotals());
  const isFirst = !totals?.at;
  if (isFirst && !(await countTotals(step, { signal, page }))) {
    return { events: 0, hasTotals: false };
  }
  let events = 0;
  for (let n = 0; n < batches && !signal?.aborted; n += 1) {
    const counted = await step((tx, now) => countNext(tx, now, batch));
    if (!counted) return { events, hasTotals: isFirst };
    events += counted.result;
    if (counted.result < batch) break;
  }
  const isDue = !!totals?.at && after(totals.at, TOTALS_AGE) <= startedAt;
  if (!isDue || signal?.aborted) return { events, hasTotals: isFirst };
  return { events, hasTotals: await countTotals(step, { signal, page }) };
}

/** Counts the next batch of events. @returns how many there were: fewer than the limit if there are no more */
async function countNext(tx: Executor, now: Date, limit: number): Promise<number> {
  await run(tx, insertProgress());
  const countedTo = await run(tx, lockProgress());
  const before = firstIdAt(after(now, -LAST_EVENT));
  // The clock may have been set back. What was counted stays counted.
  if (countedTo !== null && countedTo >= before) return 0;
  const { seen, last } = await run(tx, countBatch({ after: countedTo, before, limit }));
  await run(tx, setProgress(seen === limit && last !== null ? last : before));
  return seen;
}

type Step = <T>(
  work: (tx: Executor, now: Date) => Promise<T>,
) => Promise<{ readonly result: T } | null>;

type Seen = { readonly seen: number; readonly last: string | null };

/** @returns false if another instance has taken the lease, or the signal ended the pass */
async function countTotals(
  step: Step,
  { signal, page }: { readonly signal: AbortSignal | undefined; readonly page: number },
): Promise<boolean> {
  const totals: { -readonly [Name in keyof Totals]: number } = {
    ...{ users: 0, verified: 0, withSecondFactor: 0, withPasskey: 0, disabled: 0 },
    liveSessions: 0,
  };
  const walk = async (
    read: (tx: Executor, now: Date, behind: string | null) => Promise<Partial<Totals> & Seen>,
  ) => {
    for (let behind: string | null = null; !signal?.aborted; ) {
      const done = await step((tx, now) => read(tx, now, behind));
      if (!done) return false;
      const { seen, last, ...counts } = done.result;
      for (const [name, count] of Object.entries(counts)) totals[name as keyof Totals] += count;
      if (seen < page) return true;
      behind = last;
    }
    return false;
  };
  const isWhole =
    (await walk((tx, _now, behind) => run(tx, countPeople({ after: behind, limit: page })))) &&
    (await walk((tx, now, behind) => run(tx, countSessions({ after: behind, limit: page }, now))));
  if (!isWhole) return false;
  return (await step((tx, now) => run(tx, putTotals({ ...totals, at: now })))) !== null;
}
