import type { Executor } from '../db/executor.ts';
import type { Invitation } from '../db/tables/invitation.ts';
import type { User } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { hasWayInBesideMailbox } from './ways-in.ts';

/**
 * What an invitation can still do for an address (AD-8):
 * - `free`: there is no account, so accepting makes one;
 * - `unproven`: nobody has proven the address of its account, so accepting takes it over;
 * - `awaits-owner`: the address is proven, and the owner has no way in beside the mailbox. Accepting sets a password,
 *   if the invitation belongs to the account;
 * - `taken`: the account is disabled, or its owner has a password, a linked provider or a passkey.
 */
export type InvitationState = 'free' | 'unproven' | 'awaits-owner' | 'taken';

/** Says what an invitation can still do for an address, by the account of the address. */
export async function invitationStateOf(
  deps: Pick<Deps, 'config'>,
  executor: Executor,
  account: User | null,
): Promise<InvitationState> {
  if (!account) return 'free';
  if (account.disabledAt) return 'taken';
  if (!account.emailVerifiedAt) return 'unproven';
  return (await hasWayInBesideMailbox(deps, executor, account)) ? 'taken' : 'awaits-owner';
}

/** True if an invitation still leads to something that its reader may have. */
export async function isOpenTo(
  deps: Pick<Deps, 'config'>,
  executor: Executor,
  invitation: Invitation,
  account: User | null,
): Promise<boolean> {
  const isOwn = invitation.userId === (account?.id ?? null);
  // The owner of the account that was made for it has another address now.
  if (invitation.userId !== null && !isOwn) return false;
  const state = await invitationStateOf(deps, executor, account);
  return state === 'awaits-owner' ? isOwn : state !== 'taken';
}
