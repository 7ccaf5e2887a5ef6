import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/driver/client.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import type { Client } from '../../kernel/ports.ts';
import { endAddressClaims } from '../../proven-address/end-address-claims.ts';
import { forgetEarlierClaimant } from '../../proven-address/forget-earlier-claimant.ts';
import { lockUser, markEmailVerified, setName } from '../../user/store.ts';

/**
 * Gives an account whose address was never proven to the first who proves it. Whoever claimed the
 * address before may have been waiting for its owner: their password, sessions, linked identities,
 * mail proofs and name end here, in the caller's transaction (PR-8, arXiv 2205.10174).
 *
 * @returns the account in its new hands, or null when its address was proven already
 */
export async function takeOverUnverified(
  deps: Pick<Deps, 'clock' | 'random'>,
  tx: Executor,
  claim: { readonly holder: User; readonly email: string; readonly name: string | null },
  client: Client,
): Promise<User | null> {
  const now = deps.clock.now();
  const holder = await lockUser(tx, claim.holder.id);
  if (!holder || holder.email !== claim.email) return null;
  if (holder.emailVerifiedAt || holder.disabledAt) return null;
  const userId = holder.id;
  await forgetEarlierClaimant(deps, tx, userId);
  await setName(tx, { userId, name: claim.name, now });
  const user = await markEmailVerified(tx, userId, now);
  await endAddressClaims(deps, tx, holder.email);
  await recordAudit(deps, tx, {
    type: 'EMAIL_VERIFIED',
    userId,
    client,
    detail: { method: 'oauth', tookOver: true },
  });
  return user;
}
