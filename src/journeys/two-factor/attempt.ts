import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import {
  countAttempt,
  type LiveChallenge,
  refundAttempt,
} from '../../proofs/second-factor/challenge-store.ts';
import { countDailyAttempt, dailyLimitError } from '../../proofs/second-factor/daily-limit.ts';
import { ChallengeExpiredError } from '../../proofs/second-factor/errors.ts';
import { refundFailure } from '../../proofs/second-factor/failure-store.ts';

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
    return live && { ...live, spentToday: await countDailyAttempt(deps, tx, live.user.id) };
  });
  if (!counted) throw new ChallengeExpiredError();
  const { spentToday, ...live } = counted;
  if (spentToday === null) throw await dailyLimitError(deps, deps.db, live.user.id);
  return { ...live, spentToday };
}

/** Takes a try back that the server had no room to judge. */
export async function refundBoth(deps: Pick<Deps, 'db'>, attempt: Attempt): Promise<void> {
  await transaction(deps.db, async (tx) => {
    await refundAttempt(tx, attempt.challenge.id);
    await refundFailure(tx, attempt.user.id);
  });
}
