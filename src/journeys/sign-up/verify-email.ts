import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/client.ts';
import type { OneTimeToken } from '../../db/tables/one-time-token.ts';
import type { User } from '../../db/tables/user.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { InvalidTokenError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import type { PresentedProof } from '../../kernel/proof.ts';
import { checkOneTimeToken, spendOneTimeToken } from '../../proofs/one-time-token/redeem.ts';
import type { MfaRequired } from '../../proofs/second-factor/challenge.ts';
import { admit, enter } from '../../session/admit.ts';
import { forgetEarlierClaimant } from '../../session/forget-earlier-claimant.ts';
import type { SignedIn } from '../../session/signed-in.ts';
import { mailProofCharges } from '../../throttle/charges.ts';
import { deletePendingRegistration, takePendingRegistration } from '../../user/pending-store.ts';
import { insertUser, lockUser, markEmailVerified } from '../../user/store.ts';

type VerifyDeps = Pick<
  Deps,
  'db' | 'clock' | 'random' | 'keyring' | 'config' | 'throttle' | 'outbox' | 'accessTokenKeys'
>;

/**
 * Proves an address with what its mail carried, and is a first factor for signing in. The proof
 * activates the registration that caused the mail and no other; asked for by a stranger to an
 * account, it takes the account over from whoever claimed it first (PR-8).
 *
 * @throws InvalidTokenError for a proof that is wrong, spent, over or superseded; RateLimitedError,
 *   ServerBusyError
 */
export async function verifyEmail(
  deps: VerifyDeps,
  proof: PresentedProof,
  client: Client,
): Promise<SignedIn | MfaRequired> {
  return await deps.throttle.attempt(mailProofCharges(client), { client }, () =>
    redeem(deps, proof, client),
  );
}

async function redeem(
  deps: VerifyDeps,
  proof: PresentedProof,
  client: Client,
): Promise<SignedIn | MfaRequired> {
  const checked = await checkOneTimeToken(deps, 'verify-email', proof);
  if (!checked) throw new InvalidTokenError();
  const admission = await transaction(deps.db, async (tx) => {
    // The person before their proofs: the order in which every operation takes its locks.
    const holder = checked.userId === null ? null : await lockUser(tx, checked.userId);
    const spent = await spendOneTimeToken(deps, tx, checked);
    const user = spent && (await activate(deps, tx, spent, holder));
    if (!user) return null;
    await recordAudit(deps, tx, { type: 'EMAIL_VERIFIED', userId: user.id, client });
    return await admit(deps, tx, { user, firstFactor: 'email', client });
  });
  if (!admission) throw new InvalidTokenError();
  deps.outbox.wake();
  return enter(deps, admission);
}

/**
 * @param user whom the proof is about, locked; null where it is about nobody yet
 * @returns the person with a proven address, or null when the proof speaks for nothing any more
 */
async function activate(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  proof: OneTimeToken,
  user: User | null,
): Promise<User | null> {
  const now = deps.clock.now();
  if (proof.subject !== null) {
    const pending = await takePendingRegistration(tx, proof.subject, now);
    if (!pending) return null;
    return await insertUser(tx, {
      id: newId(deps),
      email: pending.email,
      name: pending.name,
      passwordHash: pending.passwordHash,
      emailVerifiedAt: now,
      createdAt: now,
      updatedAt: now,
    });
  }
  if (!user || user.disabledAt || user.email !== proof.email) return null;
  await deletePendingRegistration(tx, proof.email);
  if (proof.credentialVersion === null) {
    // A stranger's request speaks for an address that nobody has proven, never for an account.
    if (user.emailVerifiedAt) return null;
    await forgetEarlierClaimant(deps, tx, user.id);
  }
  // Whose mail this was has other credentials by now, or somebody else has taken them over.
  else if (proof.credentialVersion !== user.credentialVersion) return null;
  if (user.emailVerifiedAt) return user;
  return await markEmailVerified(tx, user.id, now);
}
