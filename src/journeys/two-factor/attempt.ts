import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import {
  countAttempt,
  type LiveChallenge,
  uncountAttempt,
} from '../../proofs/second-factor/challenge-store.ts';
import { dayIsUsedUp, spendDailyTry } from '../../proofs/second-factor/daily-budget.ts';
import { ChallengeExpiredError } from '../../proofs/second-factor/errors.ts';
import { uncountFailure } from '../../proofs/second-factor/failure-store.ts';

/** A try that is counted and may now be judged. */
export type Attempt = LiveChallenge & {
  /** How many tries the account has used up within the day, this one included. */
  readonly spentToday: number;
};

/**
 * Counts a try on its challenge and on its account (RL-8). Only who holds a live challenge gets to
 * the account's counter, so that nobody else can use it up.
 *
 * @throws ChallengeExpiredError, RateLimitedError
 */
export async function beginAttempt(
  deps: Pick<Deps, 'db' | 'clock'>,
  tokenHash: Buffer,
): Promise<Attempt> {
  const counted = await transaction(deps.db, async (tx) => {
    const live = await countAttempt(tx, { tokenHash, now: deps.clock.now() });
    return live && { ...live, spentToday: await spendDailyTry(deps, tx, live.user.id) };
  });
  if (!counted) throw new ChallengeExpiredError();
  const { spentToday, ...live } = counted;
  if (spentToday === null) throw await dayIsUsedUp(deps, deps.db, live.user.id);
  return { ...live, spentToday };
}

/** Takes a try back that the server had no room to judge. */
export async function takeBack(deps: Pick<Deps, 'db'>, attempt: Attempt): Promise<void> {
  await transaction(deps.db, async (tx) => {
    await uncountAttempt(tx, attempt.challenge.id);
    await uncountFailure(tx, attempt.user.id);
  });
}
