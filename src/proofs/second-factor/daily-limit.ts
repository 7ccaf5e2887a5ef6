import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../../deps.ts';
import { SECOND } from '../../kernel/duration.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import { countFailure, findReset } from './failure-store.ts';

/**
 * Counts one of the account's daily attempts, before a code is verified (RL-6, RL-8).
 *
 * @returns how many attempts are counted, this one included; null if none was left
 */
export function countDailyAttempt(
  deps: Pick<Deps, 'clock'>,
  userId: string,
): Statement<number | null> {
  return countFailure({ userId, now: deps.clock.now() });
}

/** The error for an account without attempts left today, with the time until the limit resets. */
export async function dailyLimitError(
  deps: Pick<Deps, 'clock'>,
  executor: Executor,
  userId: string,
): Promise<RateLimitedError> {
  const resetsAt = await run(executor, findReset(userId));
  const wait = resetsAt ? resetsAt.getTime() - deps.clock.now().getTime() : 0;
  return new RateLimitedError(Math.max(1, Math.ceil(wait / SECOND)));
}
