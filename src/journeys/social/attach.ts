import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/client.ts';
import type { Identity } from '../../db/tables/identity.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { insertIdentity } from '../../identity/store.ts';
import { newId } from '../../kernel/id.ts';
import type { IdentityProvider, ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';

/**
 * Makes a proven identity a way in to an account, in the caller's transaction and with the
 * identity locked.
 *
 * @param link.notify whether the person is mailed about it: not for the identity an account was
 *   made with
 * @returns null when it is somebody's already
 */
export async function attachIdentity(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring'>,
  tx: Executor,
  link: {
    readonly user: User;
    readonly proven: ProvenIdentity;
    readonly provider: IdentityProvider;
    readonly client: Client;
    readonly notify: boolean;
  },
): Promise<Identity | null> {
  const { user, proven, provider, client } = link;
  const now = deps.clock.now();
  const identity = await insertIdentity(tx, {
    id: newId(deps),
    userId: user.id,
    issuer: proven.issuer,
    subject: proven.subject,
    email: proven.email,
    linkedAt: now,
  });
  if (!identity) return null;
  await recordAudit(deps, tx, {
    type: 'IDENTITY_LINKED',
    userId: user.id,
    client,
    detail: { provider: provider.id, identity: identity.id },
  });
  if (link.notify) {
    await enqueueMail(deps, tx, {
      to: user.email,
      message: { template: 'identity-linked', at: now, from: client, provider: provider.name },
    });
  }
  return identity;
}
