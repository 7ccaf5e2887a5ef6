import { deleteRemoved } from '../access-ledger/store.ts';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { deleteIdentities } from '../identity/store.ts';
import { deleteBackupCodes } from '../proofs/backup-code/store.ts';
import { endProofsOf } from '../proofs/one-time-token/store.ts';
import { deletePasskeys, deleteUserHandle } from '../proofs/passkey/store.ts';
import { FACTOR_NAMES, SECOND_FACTORS } from '../second-factor/factors.ts';
import { revokeSessions } from '../session/store.ts';
import {
  clearUnprovenProfile,
  lockUserForUpdate,
  markEmailVerified,
  setPassword,
} from '../user/store.ts';
import { setNameThatFits } from './name-that-fits.ts';

type ForgetDeps = Pick<Deps, 'clock'>;
type TakeOverDeps = Pick<Deps, 'clock' | 'config'>;

/**
 * Gives an account whose address was never proven to the first person who proves the address. Whoever
 * claimed the address before may have been waiting for its owner, so everything of theirs ends here, in
 * the caller's transaction (PR-8, arXiv 2205.10174).
 *
 * @param claim.name left out if the access token cannot carry it
 * @param claim.password null if the new owner has none
 * @returns the account of its new owner; null if its address was proven or changed meanwhile, or if the
 *   account is disabled
 */
export async function takeOverUnprovenAccount(
  deps: TakeOverDeps,
  tx: Executor,
  claim: {
    readonly account: Pick<User, 'id' | 'email'>;
    readonly name: string | null;
    readonly password: { readonly passwordHash: string; readonly fromMail: boolean } | null;
  },
): Promise<User | null> {
  const { account, name, password } = claim;
  const now = deps.clock.now();
  const current = await run(tx, lockUserForUpdate(account.id));
  if (!current || current.email !== account.email) return null;
  if (current.emailVerifiedAt || current.disabledAt) return null;
  const userId = current.id;
  await forgetEarlierClaimant(deps, tx, userId);
  if (password) await run(tx, setPassword({ userId, ...password, now }));
  const user = await run(tx, markEmailVerified(userId, now));
  return user && (await setNameThatFits(deps, tx, user, name));
}

/**
 * Removes from an account whose address was never proven everything with which somebody who claimed the
 * address earlier could come back. Run it with the first proof of the address, in the same transaction
 * (PR-8).
 *
 * Every other way to sign in needs a line here, now and in the future.
 */
export async function forgetEarlierClaimant(
  deps: ForgetDeps,
  tx: Executor,
  userId: string,
): Promise<void> {
  const now = deps.clock.now();
  // Pending changes: another address, a password reset, a link back to an earlier address.
  await run(tx, endProofsOf({ userId, now }));
  // The password and the profile. The new credential version voids every proof made under the old one.
  await run(tx, clearUnprovenProfile(userId, now));
  // Linked accounts and passkeys, and second factors, which would lock the owner out.
  await run(tx, deleteIdentities(userId));
  await run(tx, deletePasskeys(userId));
  // The earlier claimant's authenticator knows the handle, and would show the owner's next passkey as its own.
  await run(tx, deleteUserHandle(userId));
  for (const name of FACTOR_NAMES) await run(tx, SECOND_FACTORS[name].remove(userId));
  await run(tx, deleteBackupCodes(userId));
  await run(tx, deleteRemoved({ userId }));
  // The sessions.
  await run(tx, revokeSessions({ userId, now, because: 'credentials-changed' }));
}
