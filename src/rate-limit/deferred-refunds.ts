import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deps } from '../deps.ts';
import { MINUTE, SECOND } from '../kernel/duration.ts';

/** Between two rounds, while payments fail; twice as long each time. */
const PAUSE = { first: SECOND, longest: 30 * SECOND } as const;

/** A database that is away fails them all: so many tell it, and each may take seconds (RR-11). */
const FAILURES_A_ROUND = 3;

/** What is still owed then stays counted, which is the strict side; so does what is beyond the most. */
const LONGEST_DEBT = 15 * MINUTE;
const MOST = 1_000;

/** Pays later what could not be paid at once. */
export type DeferredRefunds<Debt> = {
  /** Never waits, never throws. */
  add(debt: Debt): void;
  /** Forgets what is owed and pays nothing more. */
  stop(): void;
};

/**
 * While the database is half away (a table locked, a pool full) tries end unjudged, and giving them
 * back fails as they did. Left counted, they would refuse a person with the right password long
 * after the database is back (RL-3). Kept in memory: what is owed when the process ends stays counted.
 *
 * @param pay may be called again for a debt whose payment arrived and whose answer was lost
 */
export function createDeferredRefunds<Debt>(
  { clock, log }: Pick<Deps, 'clock' | 'log'>,
  pay: (debt: Debt) => Promise<void>,
): DeferredRefunds<Debt> {
  const owed: { readonly debt: Debt; readonly until: number }[] = [];
  /** Those that a round is working on are not in the list. */
  let held = 0;
  let pause: number = PAUSE.first;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  // The request that left a debt has used up its time at the database, and its trace is over.
  const outsideOfRequests = AsyncLocalStorage.snapshot();

  const plan = () => {
    timer = outsideOfRequests(() => setTimeout(payAll, pause).unref());
  };

  const payAll = async (): Promise<void> => {
    const unpaid: typeof owed = [];
    const failed: typeof owed = [];
    let failure: unknown = null;
    for (const one of owed.splice(0)) {
      if (isStopped) return;
      if (one.until < clock.now().getTime()) {
        held -= 1;
        log.warn({}, 'refund expired');
      } else if (failed.length === FAILURES_A_ROUND) unpaid.push(one);
      else {
        try {
          await pay(one.debt);
          held -= 1;
        } catch (error) {
          failure = error;
          failed.push(one);
        }
      }
    }
    // What failed goes behind the others: the row of one person may stay locked.
    owed.unshift(...unpaid);
    owed.push(...failed);
    timer = null;
    if (failed.length > 0) log.warn({ err: failure, pending: held }, 'deferred refund failed');
    pause = failed.length > 0 ? Math.min(2 * pause, PAUSE.longest) : PAUSE.first;
    if (owed.length > 0 && !isStopped) plan();
  };

  return {
    add(debt) {
      if (isStopped) return;
      if (held >= MOST) {
        log.warn({ pending: held }, 'refund dropped');
        return;
      }
      held += 1;
      owed.push({ debt, until: clock.now().getTime() + LONGEST_DEBT });
      if (!timer) plan();
    },
    stop() {
      isStopped = true;
      owed.length = 0;
      if (timer) clearTimeout(timer);
    },
  };
}
