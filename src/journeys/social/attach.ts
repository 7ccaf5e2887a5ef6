import { linkOf, recordNewAccess } from '../../access-ledger/undo-link.ts';
import { recordAudit } from '../../audit/record.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Identity } from '../../db/tables/identity.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { insertIdentity } from '../../identity/store.ts';
import { newId } from '../../kernel/id.ts';
import type { IdentityProvider, ProvenIdentity } from '../../kernel/identity-provider.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';

/**
 * Links a proven identity to an account, in the caller's transaction and with the identity locked. The person
 * gets a mail with a link that undoes it (PR-12).
 *
 * @param link.sessionId the session that requested the link; null for a sign-in with the identity itself
 * @param link.template the mail: an account was created, or the identity was linked to one
 * @returns null if the identity is already linked to an account
 */
export async function attachIdentity(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  tx: Executor,
  link: {
    readonly user: User;
    readonly proven: ProvenIdentity;
    readonly provider: IdentityProvider;
    readonly client: Client;
    readonly sessionId: string | null;
    readonly template: 'identity-linked' | 'account-made-by-provider';
  },
): Promise<Identity | null> {
  const { user, proven, provider, sessionId, template, client } = link;
  const now = deps.clock.now();
  const identity = await run(
    tx,
    insertIdentity({
      id: newId(deps),
      userId: user.id,
      issuer: proven.issuer,
      subject: proven.subject,
      email: proven.email,
      linkedAt: now,
    }),
  );
  if (!identity) return null;
  await run(
    tx,
    recordAudit(deps, {
      type: 'IDENTITY_LINKED',
      userId: user.id,
      sessionId,
      client,
      detail: { provider: provider.id, identity: identity.id },
    }),
  );
  const act = { kind: 'identity', sessionId, thing: identity.id, label: provider.name } as const;
  const undo = await recordNewAccess(deps, tx, { user, act, client });
  await run(
    tx,
    enqueueMail(deps, {
      to: user.email,
      message: { template, at: now, from: client, provider: provider.name, ...linkOf(undo) },
    }),
  );
  return identity;
}
