import { recordRemoved } from '../../access-ledger/record.ts';
import { identityContent } from '../../access-ledger/sealed-content.ts';
import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { providerOf } from '../../identity/provider-of.ts';
import { deleteIdentityUnlessLast, findOwnIdentity, listIdentities } from '../../identity/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { deleteChallengesOfIdentity } from '../../proofs/second-factor/challenge-store.ts';
import { revokeSessionsOfIdentity } from '../../session/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';
import { isIssuerOf } from '../../settings/providers.ts';
import { LastCredentialError } from './errors.ts';

/** The account at the provider was unlinked. */
export type IdentityUnlinked = Outcome<'IdentityUnlinked'> & { readonly viewer: Authentication };

/**
 * Unlinks an account at a provider and ends every other session that signed in with it (SE-10), so that whoever
 * holds the account at the provider loses access. The last way of signing in cannot be removed. The person's
 * row is locked, so that two concurrent calls cannot each rely on the other's identity (OA-11).
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
  const wanted = { id: identityId, userId: viewer.user.id };
  const outcome = await viewerTransaction(deps, viewer, 'stepUp', async (tx, current) => {
    const { user, session } = current;
    const { providers } = deps.config.oauth;
    const usableIssuers = (await run(tx, listIdentities(user.id)))
      .map(({ issuer }) => issuer)
      .filter((issuer) => providers.some((provider) => isIssuerOf(provider, issuer)));
    const deleted = await run(tx, deleteIdentityUnlessLast({ ...wanted, usableIssuers }));
    if (!deleted) return (await run(tx, findOwnIdentity(wanted))) ? 'last' : 'unknown';
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
  if (outcome === 'unknown') throw new NotFoundError();
  if (outcome === 'last') throw new LastCredentialError();
  deps.outbox.wake();
  return { kind: 'IdentityUnlinked', viewer: outcome };
}
