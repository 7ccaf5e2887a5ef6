import type { Identity } from '../../db/tables/identity.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { findIdentity, lockIdentity } from '../../identity/store.ts';
import type { IdentityProvider, ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Client } from '../../kernel/ports.ts';
import { OAuthFailedError } from '../../proofs/oauth/errors.ts';
import { holdLiveSession } from '../../session/hold-store.ts';
import { attachIdentity } from './attach.ts';

/** An account at a provider is a way in now. */
export type IdentityLinked = Outcome<'IdentityLinked'> & {
  readonly identity: Identity;
  readonly viewer: Authentication;
};

/**
 * Links a proven identity to the account whose session asked for it, while that session lives: a
 * reset in between has ended it, and with it this link (PR-4).
 *
 * @throws OAuthFailedError also when the identity is somebody else's
 */
export async function linkIdentity(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'keyring' | 'outbox'>,
  proven: ProvenIdentity,
  provider: IdentityProvider,
  viewer: Authentication,
  client: Client,
): Promise<IdentityLinked> {
  const identity = await transaction(deps.db, async (tx) => {
    await lockIdentity(tx, proven);
    const user = await holdLiveSession(tx, {
      sessionId: viewer.session.id,
      userId: viewer.user.id,
      now: deps.clock.now(),
    });
    if (!user) return 'session-ended';
    const known = await findIdentity(tx, proven);
    if (known) return known.userId === user.id ? known : 'linked-elsewhere';
    const linked = await attachIdentity(deps, tx, {
      user,
      proven,
      provider,
      client,
      notify: true,
    });
    return linked ?? 'linked-elsewhere';
  });
  if (typeof identity === 'string') throw new OAuthFailedError(identity);
  deps.outbox.wake();
  return { kind: 'IdentityLinked', identity, viewer };
}
