import { deleteRemoved } from '../access-ledger/store.ts';
import type { Executor } from '../db/driver/client.ts';
import type { Deps } from '../deps.ts';
import { deleteIdentities } from '../identity/store.ts';
import { deleteBackupCodes } from '../proofs/backup-code/store.ts';
import { endProofsOf } from '../proofs/one-time-token/store.ts';
import { deleteEmailFactor } from '../proofs/second-factor/email-factor-store.ts';
import { deleteTotpFactor } from '../proofs/totp/store.ts';
import { revokeSessions } from '../session/store.ts';
import { clearUnprovenProfile } from '../user/store.ts';

/**
 * Removes from an account whose address was never proven everything with which somebody who claimed the
 * address earlier could come back. Run it with the first proof of the address, in the same transaction
 * (PR-8, arXiv 2205.10174).
 *
 * Every other way to sign in needs a line here, now and in the future.
 */
export async function forgetEarlierClaimant(
  deps: Pick<Deps, 'clock'>,
  executor: Executor,
  userId: string,
): Promise<void> {
  const now = deps.clock.now();
  // Pending changes: another address, a password reset, a link back to an earlier address.
  await endProofsOf(executor, { userId, now });
  // The password and the name. The new credential version voids every proof made under the old one.
  await clearUnprovenProfile(executor, userId, now);
  // Linked accounts, and second factors, which would lock the owner out.
  await deleteIdentities(executor, userId);
  await deleteTotpFactor(executor, userId);
  await deleteEmailFactor(executor, userId);
  await deleteBackupCodes(executor, userId);
  await deleteRemoved(executor, { userId });
  // The sessions.
  await revokeSessions(executor, { userId, now, because: 'credentials-changed' });
}
