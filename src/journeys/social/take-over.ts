import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/client.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { deleteIdentities } from '../../identity/store.ts';
import type { Client } from '../../kernel/ports.ts';
import { deleteOneTimeTokens } from '../../proofs/one-time-token/store.ts';
import { revokeSessions } from '../../session/store.ts';
import { claimUnverifiedUser } from '../../user/store.ts';

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
  const { email, name } = claim;
  const user = await claimUnverifiedUser(tx, { id: claim.holder.id, email, name }, now);
  if (!user) return null;
  const userId = user.id;
  await revokeSessions(tx, { userId, now, because: 'credentials-changed' });
  await deleteIdentities(tx, userId);
  await deleteOneTimeTokens(tx, userId);
  await recordAudit(deps, tx, {
    type: 'EMAIL_VERIFIED',
    userId,
    client,
    detail: { method: 'oauth', tookOver: true },
  });
  return user;
}
