import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { Client } from '../../kernel/ports.ts';
import { actOf } from '../../session/impersonation.ts';
import { revokeSession } from '../../session/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** The session of the request was ended. */
export type SignedOut = Outcome<'SignedOut'> & { readonly at: Date };

/**
 * Ends the session of the request. Its tokens are invalid before the response is sent (SE-3).
 *
 * @throws NotAuthenticatedError
 */
export async function logout(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  viewer: Authentication,
  client: Client,
): Promise<SignedOut> {
  const now = deps.clock.now();
  const target = { sessionId: viewer.session.id, userId: viewer.user.id };
  await viewerTransaction(deps, viewer, 'signOut', async (tx, { session }) => {
    await run(tx, revokeSession({ ...target, now, because: 'signed-out' }));
    const act = actOf(session, client);
    const type = act ? 'IMPERSONATION_ENDED' : 'SIGNED_OUT';
    await run(tx, recordAudit({ ...deps, ...(act && { act }) }, { type, ...target, client }));
  });
  return { kind: 'SignedOut', at: now };
}
