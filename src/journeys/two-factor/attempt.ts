import { run } from '../../db/executor.ts';
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

/** An attempt that was counted and may now be verified. */
export type Attempt = LiveChallenge & {
  /** The number of attempts that the account has used within the day, including this one. */
  readonly spentToday: number;
};

/**
 * Counts an attempt on its challenge and on its account (RL-8). Only the holder of a valid challenge reaches
 * the account's counter, so nobody else can use it up.
 *
 * @throws ChallengeExpiredError, RateLimitedError
 */
export async function beginAttempt(
  deps: Pick<Deps, 'db' | 'clock'>,
  tokenHash: Buffer,
): Promise<Attempt> {
  const counted = await transaction(deps.db, async (tx) => {
    const live = await run(tx, countAttempt({ tokenHash, now: deps.clock.now() }));
    return live && { ...live, spentToday: await run(tx, countDailyAttempt(deps, live.user.id)) };
  });
  if (!counted) throw new ChallengeExpiredError();
  const { spentToday, ...live } = counted;
  if (spentToday === null) throw await dailyLimitError(deps, deps.db, live.user.id);
  return { ...live, spentToday };
}

/** Refunds an attempt that the server had no capacity to verify. */
export async function refundBoth(deps: Pick<Deps, 'db'>, attempt: Attempt): Promise<void> {
  await transaction(deps.db, async (tx) => {
    await run(tx, refundAttempt(attempt.challenge.id));
    await run(tx, refundFailure(attempt.user.id));
  });
}
