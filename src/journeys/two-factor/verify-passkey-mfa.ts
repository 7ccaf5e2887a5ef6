import type { Executor } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import { type PasskeyProof, provePasskey } from '../../proofs/passkey/prove.ts';
import { recordRefusal, usePasskey } from '../../proofs/passkey/use.ts';
import { ChallengeExpiredError } from '../../proofs/second-factor/errors.ts';
import type { SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { type Attempt, beginAttempt } from './attempt.ts';
import { completeChallenge } from './complete-challenge.ts';
import { mailFailedAttempt } from './failed-attempt.ts';

type VerifyDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'meter' | 'config' | 'log' | 'outbox' | 'accessTokenKeys'
>;

/**
 * Completes a sign-in with a passkey of the challenge's person. An attempt is counted before it is verified,
 * together with those of codes (PK-2e, RL-8).
 *
 * @throws ChallengeExpiredError, InvalidPasskeyError, RateLimitedError if the account's daily limit is
 *   exhausted
 */
export async function verifyPasskeyMfa(
  deps: VerifyDeps,
  input: { readonly challengeToken: string; readonly proof: PasskeyProof },
  client: Client,
): Promise<SignedIn> {
  const attempt = await beginAttempt(deps, sha256(input.challengeToken));
  try {
    return await verify(deps, attempt, input.proof, client);
  } catch (error) {
    if (!(error instanceof InvalidPasskeyError)) throw error;
    await recordFailedPasskey(deps, attempt, error, client);
    throw error;
  }
}

async function verify(
  deps: VerifyDeps,
  attempt: Attempt,
  proof: PasskeyProof,
  client: Client,
): Promise<SignedIn> {
  const { challenge, user } = attempt;
  const wanted = { purpose: 'second-factor', boundTo: challenge.id, userId: user.id } as const;
  const proven = await provePasskey(deps, proof, wanted);
  const factor = { method: 'PASSKEY', passkeyId: proven.passkey.id } as const;
  const claim = { spend: (tx: Executor) => usePasskey(deps, tx, proven, client).then(() => true) };
  const signedIn = await completeChallenge(deps, attempt, factor, claim, client);
  if (!signedIn) throw new ChallengeExpiredError();
  return signedIn;
}

async function recordFailedPasskey(
  deps: VerifyDeps,
  attempt: Attempt,
  error: InvalidPasskeyError,
  client: Client,
): Promise<void> {
  const { challenge, user } = attempt;
  await transaction(deps.db, async (tx) => {
    await recordRefusal(deps, tx, error, {
      client,
      event: {
        type: 'SECOND_FACTOR_FAILED',
        userId: user.id,
        actorId: null,
        detail: { method: 'PASSKEY', firstFactor: challenge.firstFactor },
      },
    });
    await mailFailedAttempt(deps, tx, attempt, client);
  });
  deps.outbox.wake();
}
