import type { Deps } from '../../deps.ts';
import { ServerBusyError } from '../../kernel/errors.ts';
import type { Client } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { sourceOf } from '../../kernel/source.ts';
import { isEmailCodeOf } from '../../proofs/second-factor/challenge.ts';
import { checkOwnFactor, type FactorClaim } from '../../second-factor/check.ts';
import { type FactorCode, readFactorCode } from '../../second-factor/code.ts';
import type { SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { type Attempt, beginAttempt, refundBoth } from './attempt.ts';
import { completeChallenge } from './complete-challenge.ts';
import { malformedCodeError, recordFailedCode } from './failed-attempt.ts';

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
  const { method } = presented;
  const signedIn = claim && (await completeChallenge(deps, attempt, { method }, claim, client));
  if (!signedIn) throw await recordFailedCode(deps, attempt, { method, client });
  return signedIn;
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
