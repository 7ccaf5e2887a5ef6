import { recordRemoved } from '../../access-ledger/record.ts';
import { identityContent } from '../../access-ledger/sealed-content.ts';
import { recordAudit } from '../../audit/record.ts';
import { requireWayIn } from '../../credential-change/ways-in.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { deleteIdentity } from '../../identity/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { deleteChallengesOfIdentity } from '../../proofs/second-factor/challenge-store.ts';
import { revokeSessionsOfIdentity } from '../../session/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** The account at the provider was unlinked. */
export type IdentityUnlinked = Outcome<'IdentityUnlinked'> & { readonly viewer: Authentication };

/**
 * Unlinks an account at a provider and ends every other session that signed in with it (SE-10), so that whoever
 * holds the account at the provider loses access. The last way of signing in cannot be removed (OA-11).
 *
 * @throws NotFoundError, LastCredentialError; NotAuthenticatedError, MfaEnrollmentRequiredError,
 *   StepUpRequiredError
 */
export async function unlinkIdentity(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  viewer: Authentication,
  identityId: string,
  client: Client,
): Promise<IdentityUnlinked> {
  if (!isId(identityId)) throw new NotFoundError();
  const after = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const { user, session } = current;
    const deleted = await run(tx, deleteIdentity({ id: identityId, userId: user.id }));
    if (!deleted) throw new NotFoundError();
    await requireWayIn(deps, tx, user);
    const provider = providerOf(deps.config, deleted.issuer);
    const now = deps.clock.now();
    const about = { userId: user.id, identityId: deleted.id };
    await run(tx, deleteChallengesOfIdentity(about));
    const others = { ...about, exceptSessionId: session.id, now };
    const sessionsRevoked = await run(tx, revokeSessionsOfIdentity(others));
    const act = { kind: 'identity', thing: deleted.id, label: provider.name } as const;
    const removed = { ...act, userId: user.id, sessionId: session.id };
    await recordRemoved(deps, tx, removed, identityContent(deleted));
    await run(
      tx,
      recordAudit(deps, {
        type: 'IDENTITY_UNLINKED',
        userId: user.id,
        sessionId: session.id,
        client,
        detail: { provider: provider.id, identity: deleted.id, sessionsRevoked },
      }),
    );
    await run(
      tx,
      enqueueMail(deps, {
        to: user.email,
        message: {
          template: 'identity-unlinked',
          at: now,
          from: client,
          provider: provider.name,
        },
      }),
    );
    return current;
  });
  deps.outbox.wake();
  return { kind: 'IdentityUnlinked', viewer: after };
}
