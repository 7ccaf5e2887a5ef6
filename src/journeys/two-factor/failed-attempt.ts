import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import {
  findLiveChallenge,
  MAX_CHALLENGE_ATTEMPTS,
} from '../../proofs/second-factor/challenge-store.ts';
import { ChallengeExpiredError, InvalidCodeError } from '../../proofs/second-factor/errors.ts';
import { claimElsewhereNotice } from '../../proofs/second-factor/failure-store.ts';
import type { SecondFactorMethod } from '../../proofs/second-factor/method.ts';
import { readOrigins } from '../../sign-in-gate/history-store.ts';
import { isKnown } from '../../sign-in-gate/origin.ts';
import type { Attempt } from './attempt.ts';

/**
 * One mail after this many failures of an account, over all its challenges, and one for the first failure of a
 * day from a place without earlier sign-ins. People who mistype a code in their usual place get no mail. An
 * attacker who stops before the fifth failure every day is still reported (LG-6). At most seven mails a day.
 */
const FAILURES_PER_NOTICE = 5;

/** Records a wrong code. */
export async function recordFailedCode(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'outbox'>,
  attempt: Attempt,
  { method, client }: { readonly method: SecondFactorMethod; readonly client: Client },
): Promise<InvalidCodeError> {
  const { challenge, user } = attempt;
  const { firstFactor, attempts } = challenge;
  const detail = { method, firstFactor };
  const about = { type: 'SECOND_FACTOR_FAILED', userId: user.id, actorId: null } as const;
  await transaction(deps.db, async (tx) => {
    await run(tx, recordAudit(deps, { ...about, client, detail }));
    await mailFailedAttempt(deps, tx, attempt, client);
  });
  deps.outbox.wake();
  return new InvalidCodeError(Math.max(0, MAX_CHALLENGE_ATTEMPTS - attempts));
}

/** Mails the person about a wrong second factor if it is news, in the transaction that records it. */
export async function mailFailedAttempt(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  tx: Executor,
  { challenge, user, spentToday }: Attempt,
  client: Client,
): Promise<void> {
  // The mail says that the password is known, which is only true if the first factor was the password.
  if (challenge.firstFactor !== 'pwd') return;
  const now = deps.clock.now();
  const isFifth = spentToday % FAILURES_PER_NOTICE === 0;
  if (!isFifth && !(await isFirstFromElsewhere(tx, user.id, { client, now }))) return;
  const message = { template: 'second-factor-failed', at: now, from: client } as const;
  await run(tx, enqueueMail(deps, { to: user.email, message }));
}

/** True for the first failure of a day from a place where no sign-in came from. */
async function isFirstFromElsewhere(
  tx: Executor,
  userId: string,
  { client, now }: { readonly client: Client; readonly now: Date },
): Promise<boolean> {
  if (isKnown(await run(tx, readOrigins(userId)), client)) return false;
  return await run(tx, claimElsewhereNotice({ userId, now }));
}

/** Text that cannot be a code is not a guess. It is rejected without being counted (TO-9). */
export async function malformedCodeError(
  deps: Pick<Deps, 'db' | 'clock'>,
  tokenHash: Buffer,
): Promise<InvalidCodeError | ChallengeExpiredError> {
  const live = await run(deps.db, findLiveChallenge({ tokenHash, now: deps.clock.now() }));
  if (!live) return new ChallengeExpiredError();
  return new InvalidCodeError(MAX_CHALLENGE_ATTEMPTS - live.challenge.attempts);
}
