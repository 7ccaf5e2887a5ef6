import { AsyncLocalStorage } from 'node:async_hooks';
import { run } from '../db/executor.ts';
import type { Deps } from '../deps.ts';
import { MINUTE, SECOND } from '../kernel/duration.ts';
import type { CountedLimit } from './count.ts';
import { type CounterState, type Refund, refundAttempt } from './store.ts';

/** The pause before the next round of deferred refunds. It doubles while refunds fail. */
const PAUSE = { first: SECOND, longest: 30 * SECOND } as const;

/** While the database is away every refund fails, and each may take seconds (RR-11). */
const FAILURES_PER_ROUND = 3;

/** Refunds beyond these limits are dropped: their attempts stay counted, which is the strict side. */
const LONGEST_DEFERRAL = 15 * MINUTE;
const MAX_DEFERRED = 1_000;

/** Retries refunds that failed. */
export type DeferredRefunds<Refund> = {
  /** Never waits, never throws. */
  add(refund: Refund): void;
  /** Drops all refunds and makes no further ones. */
  stop(): void;
};

/**
 * While the database is partly away (a locked table, a full pool), attempts end without being verified, and
 * their refunds fail for the same reason. If these attempts stayed counted, people with the right
 * password would be refused long after the database is back (RL-3). Deferred refunds are kept in memory:
 * what is left when the process ends stays counted.
 *
 * @param retry makes one refund. It may be called again for a refund that arrived and whose answer was lost
 */
export function createDeferredRefunds<Refund>(
  { clock, log }: Pick<Deps, 'clock' | 'log'>,
  retry: (refund: Refund) => Promise<void>,
): DeferredRefunds<Refund> {
  const deferred: { readonly refund: Refund; readonly until: number }[] = [];
  /** Includes the refunds that a round is working on: those are not in the list. */
  let count = 0;
  let pause: number = PAUSE.first;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  // The request that deferred a refund has used up its time at the database, and its trace has ended.
  const outsideRequests = AsyncLocalStorage.snapshot();

  const scheduleRound = () => {
    timer = outsideRequests(() => setTimeout(runRound, pause).unref());
  };

  const runRound = async (): Promise<void> => {
    const postponed: typeof deferred = [];
    const failed: typeof deferred = [];
    let failure: unknown = null;
    for (const one of deferred.splice(0)) {
      if (isStopped) return;
      if (one.until < clock.now().getTime()) {
        count -= 1;
        log.warn({}, 'refund expired');
      } else if (failed.length === FAILURES_PER_ROUND) postponed.push(one);
      else {
        try {
          await retry(one.refund);
          count -= 1;
        } catch (error) {
          failure = error;
          failed.push(one);
        }
      }
    }
    // Failed refunds go behind the others: the row of one person may stay locked.
    deferred.unshift(...postponed);
    deferred.push(...failed);
    timer = null;
    if (failed.length > 0) log.warn({ err: failure, pending: count }, 'deferred refund failed');
    pause = failed.length > 0 ? Math.min(2 * pause, PAUSE.longest) : PAUSE.first;
    if (deferred.length > 0 && !isStopped) scheduleRound();
  };

  return {
    add(refund) {
      if (isStopped) return;
      if (count >= MAX_DEFERRED) {
        log.warn({ pending: count }, 'refund dropped');
        return;
      }
      count += 1;
      deferred.push({ refund, until: clock.now().getTime() + LONGEST_DEFERRAL });
      if (!timer) scheduleRound();
    },
    stop() {
      isStopped = true;
      deferred.length = 0;
      if (timer) clearTimeout(timer);
    },
  };
}

/** The reason of a refund: the attempt succeeded, or it was never verified. */
export type RefundReason = 'succeeded' | 'not-verified';

/**
 * Returns the refunds of an attempt. A success also resets the consecutive failures before it, even on a
 * limit that rejected the attempt before the fallback allowed it.
 */
export function refundsOf(counted: readonly CountedLimit[], reason: RefundReason): Refund[] {
  const succeeded = reason === 'succeeded';
  return counted.flatMap(({ limit: { key, member, rule }, outcome }) => {
    const resets = succeeded && rule.waits !== undefined;
    // A limit that rejected the attempt did not count it, so there is nothing to refund.
    return outcome !== 'refused' || resets ? [{ key, member, rule, succeeded, resets }] : [];
  });
}

/** The dependencies of {@link refundOrDefer}. */
export type RefundDeps = Pick<Deps, 'db' | 'clock' | 'log'> & {
  readonly deferredRefunds: DeferredRefunds<CounterState>;
};

/** Refunds an attempt now. If the database is unavailable, the refund is deferred. Never throws. */
export async function refundOrDefer(
  deps: RefundDeps,
  counted: readonly CountedLimit[],
  reason: RefundReason,
): Promise<void> {
  const refunds = refundsOf(counted, reason);
  if (refunds.length === 0) return;
  try {
    await run(deps.db, refundAttempt(refunds, deps.clock.now()));
  } catch (error) {
    // The outcome of the attempt does not change. The attempt stays counted until it is refunded.
    deps.log.warn({ err: error }, 'refund deferred');
    // Refunds of other limits are not deferred, because those limits forget the attempt soon.
    for (const { limit, outcome, tries, resetsAt } of counted)
      if (limit.rule.waits && outcome === 'counted')
        deps.deferredRefunds.add({ key: limit.key, tries, resetsAt });
  }
}
