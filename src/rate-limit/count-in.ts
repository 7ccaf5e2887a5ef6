import type { Executor } from '../db/driver/client.ts';
import { demand } from '../db/one-trip.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { allAllowed, countAttempt, hashKeys } from './store.ts';
import { countRefusal, judge, type Taken } from './take.ts';

type CountDeps = Pick<Deps, 'clock' | 'keyring' | 'meter'>;

/**
 * Counts an act within the transaction of what it writes: where a budget is used up, nothing is
 * written and nothing is counted.
 *
 * @returns the names of the budgets that this act used up
 * @throws RateLimitedError
 */
export async function countInTransaction(
  deps: CountDeps,
  tx: Executor,
  charges: readonly Limit[],
): Promise<readonly string[]> {
  const keyed = hashKeys(deps, charges);
  const now = deps.clock.now();
  const taken = judge(keyed, await countAttempt(tx, keyed, now), now);
  countRefusal(deps, taken);
  if (!taken.allowed) throw new RateLimitedError(taken.retryAfterSeconds);
  return closedBy(taken);
}

/** The same in a transaction of one round trip, which ends with an unmet demand in place of an error. */
export type CountTogether = {
  count(tx: Executor): Promise<void>;
  /** Why the transaction ended, if this was why. */
  refusal(): RateLimitedError | null;
  /** The names of the budgets that the act used up. */
  closed(): readonly string[];
};

/** Prepares to count an act in a transaction of one round trip. */
export function countInPipeline(deps: CountDeps, charges: readonly Limit[]): CountTogether {
  const keyed = hashKeys(deps, charges);
  let taken: Taken | null = null;
  return {
    async count(tx) {
      const now = deps.clock.now();
      const counting = countAttempt(tx, keyed, now).then((verdicts) => {
        taken = judge(keyed, verdicts, now);
        countRefusal(deps, taken);
      });
      await Promise.all([counting, demand(tx, allAllowed(keyed))]);
    },
    refusal: () => (taken && !taken.allowed ? new RateLimitedError(taken.retryAfterSeconds) : null),
    closed: () => (taken ? closedBy(taken) : []),
  };
}

function closedBy({ tried }: Taken): readonly string[] {
  return tried.filter(({ closed }) => closed).map(({ charge }) => charge.rule.name);
}
