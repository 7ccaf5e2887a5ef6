import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deps } from '../deps.ts';
import { MINUTE, SECOND } from '../kernel/duration.ts';

/** Between two tries to pay, while they fail; twice as long each time. */
const PAUSE = { first: SECOND, longest: 30 * SECOND } as const;

/** The shortest window of a budget: what is owed from before may be another window's by now. */
const LONGEST_DEBT = 15 * MINUTE;

/** Each is a few hundred bytes; what is too much stays counted, which is the strict side. */
const MOST = 1_000;

/** Gives back later what could not be given back at once, one after the other. */
export type Owed<Debt> = {
  /** Never waits, never throws. */
  add(debt: Debt): void;
};

/**
 * While the database is half away (a table locked, a pool full) tries end unjudged, and giving them
 * back fails as they did. Left counted, they would refuse a person with the right password long
 * after the database is back (RL-3). What is owed when the process ends stays counted. A payment
 * whose answer is lost may have arrived, and is made again: one try too many, of the oldest only.
 */
export function createOwed<Debt>(
  { clock, log }: Pick<Deps, 'clock' | 'log'>,
  pay: (debt: Debt) => Promise<void>,
): Owed<Debt> {
  const owed: { readonly debt: Debt; readonly since: number }[] = [];
  let pause: number = PAUSE.first;
  let isPlanned = false;
  // The request that left a debt has used up its time at the database, and its trace is over.
  const outsideOfRequests = AsyncLocalStorage.snapshot();

  const plan = (milliseconds: number) => {
    isPlanned = true;
    outsideOfRequests(() => setTimeout(payAll, milliseconds).unref());
  };

  const payAll = async (): Promise<void> => {
    const oldest = clock.now().getTime() - LONGEST_DEBT;
    try {
      for (let next = owed[0]; next; next = owed[0]) {
        if (next.since >= oldest) await pay(next.debt);
        else log.warn({}, 'A try could not be given back in time and stays counted.');
        owed.shift();
      }
      pause = PAUSE.first;
      isPlanned = false;
    } catch (error) {
      log.warn({ err: error, owed: owed.length }, 'Tries can still not be given back.');
      pause = Math.min(2 * pause, PAUSE.longest);
      plan(pause);
    }
  };

  return {
    add(debt) {
      if (owed.length >= MOST) {
        log.warn({ owed: owed.length }, 'Too many tries are to be given back; one stays counted.');
        return;
      }
      owed.push({ debt, since: clock.now().getTime() });
      if (!isPlanned) plan(pause);
    },
  };
}
