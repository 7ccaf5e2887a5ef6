import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { askForVerification } from '../../email-verification/ask.ts';
import type { EmailVerificationRequired } from '../../email-verification/outcomes.ts';
import { lockIdentity } from '../../identity/store.ts';
import type { IdentityProvider, ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Client } from '../../kernel/ports.ts';
import { OAuthFailedError } from '../../proofs/oauth/errors.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { unlessAddressHeld } from '../../proven-address/held-address.ts';
import { isAccountChanged } from '../../session/create.ts';
import { completeFirstFactorIn } from '../../sign-in-gate/complete-factor.ts';
import { finishSignIn, type SignedIn } from '../../sign-in-gate/issue-tokens.ts';
import { AccountLinkRequiredError } from './errors.ts';
import { findPerson, refuse } from './person.ts';

/** The dependencies of signing in with an identity. */
export type EnterDeps = Pick<
  Deps,
  | 'db'
  | 'clock'
  | 'random'
  | 'keyring'
  | 'meter'
  | 'config'
  | 'rateLimiter'
  | 'outbox'
  | 'accessTokenKeys'
>;

/**
 * Signs in with a proven identity, which belongs to an existing or a new person, in one transaction: account,
 * link and session are all created or none (OA-10).
 *
 * @throws OAuthFailedError, AccountLinkRequiredError
 */
export async function enterWithIdentity(
  deps: EnterDeps,
  proven: ProvenIdentity,
  provider: IdentityProvider,
  client: Client,
): Promise<SignedIn | MfaRequired | EmailVerificationRequired> {
  const work = async (tx: Executor) => {
    await run(tx, lockIdentity(proven));
    const found = await findPerson(deps, tx, { proven, provider }, client);
    if ('refused' in found) return found;
    const { user, identityId } = found;
    if (user.disabledAt) return refuse('account-disabled', user);
    if (deps.config.emailVerification === 'required' && !user.emailVerifiedAt) {
      return { unverified: user };
    }
    const { authenticatedAt } = proven;
    const firstFactor = 'oauth';
    const factor = { user, firstFactor, identityId, authenticatedAt, client } as const;
    return { completed: await completeFirstFactorIn(deps, tx, factor) };
  };
  // A sign-in that would give a reserved address to a new account is rejected (PR-12).
  const outcome = await unlessAddressHeld(
    deps,
    { userId: null, client },
    () => unlessAccountChanged(() => transaction(deps.db, work)),
    () => new OAuthFailedError('address-held'),
  );
  deps.outbox.wake();
  if ('completed' in outcome) return finishSignIn(deps, outcome.completed);
  if ('unverified' in outcome) {
    return await askForVerification(deps, outcome.unverified, client);
  }
  if (outcome.refused !== 'link-required') {
    throw new OAuthFailedError(outcome.refused, null, outcome.userId);
  }
  // The holder of the address can see in their security events that somebody tried to sign in with it.
  await run(
    deps.db,
    recordAudit(deps, {
      type: 'OAUTH_FAILED',
      userId: outcome.userId,
      actorId: null,
      client,
      detail: { reason: outcome.refused, provider: provider.id },
    }),
  );
  throw new AccountLinkRequiredError(provider.name);
}

/** The person's row is locked, so that nothing should change the account meanwhile. If it did, this refuses. */
async function unlessAccountChanged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAccountChanged(error)) throw new OAuthFailedError('account-changed');
    throw error;
  }
}
