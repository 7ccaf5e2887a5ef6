import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { askForVerification } from '../../email-verification/ask.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import type { Client } from '../../kernel/ports.ts';
import { InvalidPasskeyError } from '../../proofs/passkey/errors.ts';
import { type PasskeyProof, type ProvenPasskey, provePasskey } from '../../proofs/passkey/prove.ts';
import { recordRefusal, usePasskey } from '../../proofs/passkey/use.ts';
import { passkeyLimits } from '../../rate-limit/limits.ts';
import { isAccountChanged } from '../../session/create.ts';
import { completePasskeyIn } from '../../sign-in-gate/complete-factor.ts';
import { issueTokens, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { lockUserForShare } from '../../user/store.ts';

type SignInDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'log'
  | 'rateLimiter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/**
 * Completes a sign-in with a passkey, which is both factors at once (PK-2d). Disabled and unverified accounts
 * fare as with a password (PK-6).
 *
 * @throws RateLimitedError, InvalidPasskeyError
 */
export async function completePasskeySignIn(
  deps: SignInDeps,
  proof: PasskeyProof,
  client: Client,
): Promise<SignedIn | EmailVerificationRequired> {
  const limits = passkeyLimits(deps.config, client);
  return await deps.rateLimiter.attempt(limits, { client }, async () => {
    try {
      return await signIn(deps, proof, client);
    } catch (error) {
      if (!(error instanceof InvalidPasskeyError)) throw error;
      const event = { type: 'PASSKEY_FAILED', userId: error.userId, actorId: null } as const;
      await transaction(deps.db, (tx) => recordRefusal(deps, tx, error, { client, event }));
      deps.outbox.wake();
      throw error;
    }
  });
}

async function signIn(
  deps: SignInDeps,
  proof: PasskeyProof,
  client: Client,
): Promise<SignedIn | EmailVerificationRequired> {
  const wanted = { purpose: 'sign-in', boundTo: null, userId: null } as const;
  const proven = await provePasskey(deps, proof, wanted);
  const about = { userId: proven.user.id, passkeyId: proven.passkey.id };
  try {
    const outcome = await transaction(deps.db, (tx) => startSession(deps, tx, proven, client));
    deps.outbox.wake();
    if ('unverified' in outcome) return await askForVerification(deps, outcome.unverified, client);
    return issueTokens(deps, outcome.grant);
  } catch (error) {
    if (isAccountChanged(error)) throw new InvalidPasskeyError('account-changed', about);
    throw error;
  }
}

/** Reads the person again under the lock: the account may have changed since the passkey was read. */
async function startSession(deps: SignInDeps, tx: Executor, proven: ProvenPasskey, client: Client) {
  const about = { userId: proven.user.id, passkeyId: proven.passkey.id };
  const user = await run(tx, lockUserForShare(about.userId));
  if (!user) throw new InvalidPasskeyError('account-changed');
  if (user.disabledAt) throw new InvalidPasskeyError('account-disabled', about);
  await usePasskey(deps, tx, proven, client);
  if (deps.config.emailVerification === 'required' && !user.emailVerifiedAt) {
    return { unverified: user };
  }
  const { passkeyId } = about;
  return { grant: await completePasskeyIn(deps, tx, { user, passkeyId, client }) };
}
