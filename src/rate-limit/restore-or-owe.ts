import type { Deps } from '../deps.ts';
import type { DeferredRefunds } from './deferred-refunds.ts';
import type { CounterState } from './store.ts';
import { restore, type Tried } from './take.ts';

/** What giving a try back needs. */
export type RestoringDeps = Pick<Deps, 'db' | 'clock' | 'log'> & {
  /** Told what could not be given back at once. */
  readonly deferredRefunds: DeferredRefunds<CounterState>;
};

/** Gives a try back now, or has it given back later where the database is away. Never throws. */
export async function restoreOrOwe(
  deps: RestoringDeps,
  tried: readonly Tried[],
  succeeded: boolean,
): Promise<void> {
  try {
    await restore(deps, deps.db, tried, succeeded);
  } catch (error) {
    // What the work came to stands, and until it is given back the try stays counted.
    deps.log.warn({ err: error }, 'refund deferred');
    // The others are of windows, which are over soon by themselves.
    for (const { charge, outcome, tries, resetsAt } of tried)
      if (charge.rule.waits && outcome === 'counted')
        deps.deferredRefunds.add({ key: charge.key, tries, resetsAt });
  }
}
