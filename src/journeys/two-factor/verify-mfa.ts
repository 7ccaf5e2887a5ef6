import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { sourceOf } from '../../kernel/source.ts';
import { isEmailCodeOf } from '../../proofs/second-factor/challenge.ts';
import { spendChallenge } from '../../proofs/second-factor/challenge-store.ts';
import { ChallengeExpiredError } from '../../proofs/second-factor/errors.ts';
import { refundFailure } from '../../proofs/second-factor/failure-store.ts';
import { checkOwnFactor, type FactorClaim } from '../../second-factor/check.ts';
import { type FactorCode, readFactorCode } from '../../second-factor/code.ts';
import { isAccountChanged, type SessionGrant } from '../../session/create.ts';
import { completeSecondFactor } from '../../sign-in-gate/complete-factor.ts';
import { readPersonRecord } from '../../sign-in-gate/history.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { lockCredentialsForShare } from '../../user/credential-store.ts';
import { trustPassword } from '../../user/store.ts';
import { type Attempt, beginAttempt, refundBoth } from './attempt.ts';
import { malformedCodeError, recordFailedAttempt } from './failed-attempt.ts';

type VerifyDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'hasher'
  | 'log'
  | 'outbox'
  | 'accessTokenKeys'
>;

/**
 * Completes a sign-in with a second factor. An attempt is counted before it is verified, so that concurrent
 * attempts cannot exceed the limit (RL-6, RL-8).
 *
 * @throws ChallengeExpiredError, InvalidCodeError, RateLimitedError if the account's daily limit is
 *   exhausted, ServerBusyError
 */
export async function verifyMfa(
  deps: VerifyDeps,
  input: { readonly challengeToken: string; readonly method: string; readonly code: string },
  client: Client,
  signal: AbortSignal,
): Promise<SignedIn> {
  const tokenHash = sha256(input.challengeToken);
  const presented = readFactorCode(input.method, input.code);
  if (!presented) throw await malformedCodeError(deps, tokenHash);
  const attempt = await beginAttempt(deps, tokenHash);
  const claim = await verifyCode(deps, attempt, presented, client, signal);
  const grant =
    claim &&
    (await orExpired(() =>
      transaction(deps.db, (tx) =>
        complete(deps, tx, attempt, { ...claim, method: presented.method }, client),
      ),
    ));
  if (!grant) {
    const method = presented.method;
    throw await recordFailedAttempt(deps, attempt, { method, client });
  }
  // After the commit. Two sign-ins that share the person's row would otherwise wait for each other here.
  const { firstFactor } = attempt.challenge;
  if (attempt.user.passwordFromMail && firstFactor === 'pwd' && presented.method !== 'EMAIL') {
    await run(deps.db, trustPassword(attempt.user));
  }
  deps.outbox.wake();
  return issueTokens(deps, grant);
}

/** A change of the account since the first factor ends the challenge. */
async function orExpired<T>(completing: () => Promise<T>): Promise<T> {
  try {
    return await completing();
  } catch (error) {
    if (isAccountChanged(error)) throw new ChallengeExpiredError();
    throw error;
  }
}

async function verifyCode(
  deps: VerifyDeps,
  attempt: Attempt,
  presented: FactorCode,
  client: Client,
  signal: AbortSignal,
): Promise<FactorClaim | null> {
  const { challenge, user } = attempt;
  if (presented.method === 'EMAIL') {
    // The challenge that the code was mailed for is used up with it, so the code works once.
    const isRight = isEmailCodeOf(deps, challenge, presented.code);
    return isRight ? { spend: async () => true } : null;
  }
  try {
    const waiting = { source: sourceOf(client), signal };
    return await checkOwnFactor(deps, user, presented, client, waiting);
  } catch (error) {
    if (error instanceof ServerBusyError) await refundBoth(deps, attempt);
    throw error;
  }
}

/**
 * Uses the factor and the challenge and starts the session, all or nothing. An error here restores a backup
 * code, so that codes tried in parallel on one challenge are not lost.
 *
 * @returns null if the code was used in the meantime
 */
async function complete(
  deps: VerifyDeps,
  tx: Executor,
  attempt: Attempt,
  claim: FactorClaim & { readonly method: FactorCode['method'] },
  client: Client,
): Promise<SessionGrant | null> {
  const { id, firstFactor, identityId, credentialVersion, userId } = attempt.challenge;
  const user = await run(tx, lockCredentialsForShare({ id: userId, credentialVersion }));
  if (!user) throw new ChallengeExpiredError();
  if (!(await claim.spend(tx))) return null;
  const used = await run(tx, spendChallenge({ id, now: deps.clock.now() }));
  if (!used) throw new ChallengeExpiredError();
  await run(tx, refundFailure(userId));
  const secondFactor = claim.method;
  const history = await readPersonRecord(deps, tx, user);
  const proven = { user, firstFactor, identityId, secondFactor, client };
  const completed = completeSecondFactor(deps, proven, history);
  await pipeline(tx, completed.statements);
  return completed.outcome;
}
