import { recordNewAccess } from '../../access-ledger/undo-link.ts';
import type { Executor } from '../../db/driver/client.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { maskedEmail } from '../../mail/strangers.ts';

/**
 * Tells the address the account has of the request for another, with a way to stop it (PR-7). Not
 * one that never proved itself: it may be anybody's, and the link would hand them the account.
 */
export async function tellOldAddress(
  deps: Pick<Deps, 'clock' | 'random' | 'keyring' | 'config'>,
  executor: Executor,
  change: {
    readonly viewer: Authentication;
    readonly newEmail: string;
    readonly client: Client;
  },
): Promise<void> {
  const { viewer, newEmail, client } = change;
  const { user, session } = viewer;
  const label = maskedEmail(newEmail);
  const stop = await recordNewAccess(deps, executor, {
    user,
    act: { kind: 'address-request', sessionId: session.id, label },
    purpose: 'stop-email-change',
    client,
  });
  if (!stop) return;
  await enqueueMail(deps, executor, {
    to: user.email,
    message: {
      template: 'email-change-requested',
      at: deps.clock.now(),
      from: client,
      newEmail,
      ...stop,
    },
  });
}
