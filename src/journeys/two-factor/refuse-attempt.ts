import { recordAudit } from '../../audit/record.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import {
  findLiveChallenge,
  MAX_CHALLENGE_ATTEMPTS,
} from '../../proofs/second-factor/challenge-store.ts';
import { ChallengeExpiredError, InvalidCodeError } from '../../proofs/second-factor/errors.ts';
import type { SecondFactorMethod } from '../../proofs/second-factor/method.ts';
import type { Attempt } from './attempt.ts';

/**
 * One mail for so many failures of an account, over all its challenges: who mistypes once is left
 * in peace, and who stops short of a challenge's last try and begins another is still told on
 * (LG-6). At most six mails a day.
 */
const FAILURES_PER_NOTICE = 5;

/** Writes a wrong second factor down. */
export async function refuseAttempt(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'outbox'>,
  { challenge, user, spentToday }: Attempt,
  failed: { readonly method: SecondFactorMethod; readonly client: Client },
): Promise<InvalidCodeError> {
  const { method, client } = failed;
  // The mail says that the password is known: true of no other first factor.
  const tells = challenge.firstFactor === 'pwd' && spentToday % FAILURES_PER_NOTICE === 0;
  await transaction(deps.db, async (tx) => {
    await recordAudit(deps, tx, {
      type: 'SECOND_FACTOR_FAILED',
      userId: user.id,
      actorId: null,
      client,
      detail: { method, firstFactor: challenge.firstFactor },
    });
    if (!tells) return;
    await enqueueMail(deps, tx, {
      to: user.email,
      message: { template: 'second-factor-failed', at: deps.clock.now(), from: client },
    });
  });
  if (tells) deps.outbox.wake();
  return new InvalidCodeError(Math.max(0, MAX_CHALLENGE_ATTEMPTS - challenge.attempts));
}

/** What cannot be a code is no guess: it is refused without being counted (TO-9). */
export async function refuseMalformed(
  deps: Pick<Deps, 'db' | 'clock'>,
  tokenHash: Buffer,
): Promise<InvalidCodeError | ChallengeExpiredError> {
  const live = await findLiveChallenge(deps.db, { tokenHash, now: deps.clock.now() });
  if (!live) return new ChallengeExpiredError();
  return new InvalidCodeError(MAX_CHALLENGE_ATTEMPTS - live.challenge.attempts);
}
