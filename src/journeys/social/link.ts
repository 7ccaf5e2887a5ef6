import { run } from '../../db/executor.ts';
import type { Identity } from '../../db/tables/identity.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { findIdentity, lockIdentity } from '../../identity/store.ts';
import { NotAuthenticatedError } from '../../kernel/errors.ts';
import type { IdentityProvider, ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Client } from '../../kernel/ports.ts';
import { OAuthFailedError } from '../../proofs/oauth/errors.ts';
import { lockViewer } from '../../session/viewer-transaction.ts';
import { attachIdentity } from './attach.ts';

/** An account at a provider was linked. */
export type IdentityLinked = Outcome<'IdentityLinked'> & {
  readonly identity: Identity;
  readonly viewer: Authentication;
};

/**
 * Links a proven identity to the account whose session requested it, while that session is active. A reset in
 * between has ended the session, and with it this link (PR-4).
 *
 * @throws OAuthFailedError also if the identity belongs to somebody else; MfaEnrollmentRequiredError
 */
export async function linkIdentity(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'config' | 'outbox'>,
  proven: ProvenIdentity,
  provider: IdentityProvider,
  viewer: Authentication,
  client: Client,
): Promise<IdentityLinked> {
  const linked = await orSessionEnded(() =>
    transaction(deps.db, async (tx) => {
      // The identity is locked before the person, as in a sign-in with it, which finds the person by the
      // identity.
      await run(tx, lockIdentity(proven));
      const current = await lockViewer(deps, tx, viewer, 'signedIn');
      const { user } = current;
      const known = await run(tx, findIdentity(proven));
      const own = known?.userId === user.id ? known : null;
      const template = 'identity-linked';
      const sessionId = current.session.id;
      const attached = { user, proven, provider, client, sessionId, template } as const;
      const identity = known ? own : await attachIdentity(deps, tx, attached);
      if (!identity) throw new OAuthFailedError('linked-elsewhere');
      return { identity, viewer: current };
    }),
  );
  deps.outbox.wake();
  return { kind: 'IdentityLinked', ...linked };
}

/**
 * Handles a session that ended during the flow. The unions of the two fields that link have no
 * NotAuthenticatedError, because strangers may call both.
 */
export async function orSessionEnded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotAuthenticatedError) throw new OAuthFailedError('session-ended');
    throw error;
  }
}
