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
import { admit } from '../../session/admit.ts';
import { type SignedIn, signedIn } from '../../session/signed-in.ts';
import { takePendingRegistration } from '../../user/pending-store.ts';
import { findUserById, insertUser, markEmailVerified } from '../../user/store.ts';

/**
 * Proves an address with what its mail carried, and signs in. The proof activates the
 * registration that caused the mail and no other (PR-8).
 *
 * @throws InvalidTokenError for a proof that is wrong, spent, over or superseded
 */
export async function verifyEmail(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'accessTokenKeys'>,
  proof: PresentedProof,
  client: Client,
): Promise<SignedIn> {
  const checked = await checkOneTimeToken(deps, 'verify-email', proof);
  if (!checked) throw new InvalidTokenError();
  const grant = await transaction(deps.db, async (tx) => {
    const spent = await spendOneTimeToken(deps, tx, checked);
    const user = spent && (await activate(deps, tx, spent));
    if (!user) return null;
    await recordAudit(deps, tx, { type: 'EMAIL_VERIFIED', userId: user.id, client });
    return await admit(deps, tx, { user, firstFactor: 'email', client });
  });
  if (!grant) throw new InvalidTokenError();
  return signedIn(deps, grant);
}

/** @returns the person with a proven address, or null when the proof speaks for nothing any more */
async function activate(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  proof: OneTimeToken,
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
  if (proof.userId === null) return null;
  const verified = await markEmailVerified(tx, { id: proof.userId, email: proof.email }, now);
  return verified ?? (await findUserById(tx, proof.userId));
}
