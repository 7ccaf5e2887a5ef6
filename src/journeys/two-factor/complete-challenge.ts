import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { pipeline } from '../../db/pipeline.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { spendChallenge } from '../../proofs/second-factor/challenge-store.ts';
import { ChallengeExpiredError } from '../../proofs/second-factor/errors.ts';
import { refundFailure } from '../../proofs/second-factor/failure-store.ts';
import type { ProvenSecondFactor } from '../../proofs/second-factor/method.ts';
import type { FactorClaim } from '../../second-factor/check.ts';
import { isAccountChanged, type SessionGrant } from '../../session/create.ts';
import { completeSecondFactor } from '../../sign-in-gate/complete-factor.ts';
import { readPersonRecord } from '../../sign-in-gate/history.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { lockCredentialsForShare } from '../../user/credential-store.ts';
import { trustPassword } from '../../user/store.ts';
import type { Attempt } from './attempt.ts';

type CompleteDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'outbox' | 'accessTokenKeys'
>;

/**
 * Signs the person of a challenge in with a second factor that was verified.
 *
 * @returns null if another request has used the factor in the meantime
 * @throws ChallengeExpiredError if the challenge was used, or the account changed since the first factor
 */
export async function completeChallenge(
  deps: CompleteDeps,
  attempt: Attempt,
  factor: ProvenSecondFactor,
  claim: FactorClaim,
  client: Client,
): Promise<SignedIn | null> {
  const grant = await orExpired(() =>
    transaction(deps.db, (tx) => complete(deps, tx, attempt, { factor, claim, client })),
  );
  if (!grant) return null;
  // After the commit. Two sign-ins that share the person's row would otherwise wait for each other here.
  const { firstFactor } = attempt.challenge;
  if (attempt.user.passwordFromMail && firstFactor === 'pwd' && factor.method !== 'EMAIL') {
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

/**
 * Uses the factor and the challenge and starts the session, all or nothing. An error here restores a backup
 * code, so that codes tried in parallel on one challenge are not lost.
 */
async function complete(
  deps: CompleteDeps,
  tx: Executor,
  attempt: Attempt,
  proof: {
    readonly factor: ProvenSecondFactor;
    readonly claim: FactorClaim;
    readonly client: Client;
  },
): Promise<SessionGrant | null> {
  const { factor, claim, client } = proof;
  const { id, firstFactor, identityId, credentialVersion, userId } = attempt.challenge;
  const user = await run(tx, lockCredentialsForShare({ id: userId, credentialVersion }));
  if (!user) throw new ChallengeExpiredError();
  if (!(await claim.spend(tx))) return null;
  const used = await run(tx, spendChallenge({ id, now: deps.clock.now() }));
  if (!used) throw new ChallengeExpiredError();
  await run(tx, refundFailure(userId));
  const history = await readPersonRecord(deps, tx, user);
  const proven = { user, firstFactor, identityId, secondFactor: factor, client };
  const completed = completeSecondFactor(deps, proven, history);
  await pipeline(tx, completed.statements);
  return completed.outcome;
}
