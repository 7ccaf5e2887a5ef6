import type { Executor } from '../../db/driver/client.ts';
import type { Deps } from '../../deps.ts';
import { SECOND } from '../../kernel/duration.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import { countFailure, findReset } from './failure-store.ts';

/**
 * Spends one of the account's tries for the day, before a code is judged (RL-6, RL-8).
 *
 * @returns how many of them are spent by now; null when there was none left
 */
export async function spendDailyTry(
  deps: Pick<Deps, 'clock'>,
  executor: Executor,
  userId: string,
): Promise<number | null> {
  return await countFailure(executor, { userId, now: deps.clock.now() });
}

/** The refusal of a person whose day is used up, with when it is over. */
export async function dayIsUsedUp(
  deps: Pick<Deps, 'clock'>,
  executor: Executor,
  userId: string,
): Promise<RateLimitedError> {
  const resetsAt = await findReset(executor, userId);
  const wait = resetsAt ? resetsAt.getTime() - deps.clock.now().getTime() : 0;
  return new RateLimitedError(Math.max(1, Math.ceil(wait / SECOND)));
}
