import { recordNewAccess } from '../../access-ledger/undo-link.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { enqueueMail } from '../../mail/enqueue.ts';
import { maskedEmail } from '../../mail/strangers.ts';

/**
 * Notifies the account's current address of the requested change, with a link that stops it (PR-7). An address
 * that was never verified gets no mail: it may belong to anybody, and the link would give them the account.
 */
export async function notifyOldAddress(
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
  await run(
    executor,
    enqueueMail(deps, {
      to: user.email,
      message: {
        template: 'email-change-requested',
        at: deps.clock.now(),
        from: client,
        newEmail,
        ...stop,
      },
    }),
  );
}
