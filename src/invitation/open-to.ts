import type { Invitation } from '../db/tables/invitation.ts';
import type { User } from '../db/tables/user.ts';

/**
 * True if an invitation still leads to an account that nobody has entered: none yet, an account whose address was never
 * proven, or the one that an administrator made for it, until it has a password.
 */
export function isOpenTo(invitation: Invitation, account: User | null): boolean {
  const isOwn = invitation.userId === (account?.id ?? null);
  // The owner of the account that was made for it has another address now.
  if (invitation.userId !== null && !isOwn) return false;
  if (!account) return true;
  if (account.disabledAt) return false;
  return !account.emailVerifiedAt || (isOwn && account.passwordHash === null);
}
