import { linkOf, type UndoLink } from '../../access-ledger/undo-link.ts';
import { credentialsChanged } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import type { Executor } from '../../db/executor.ts';
import type { Session } from '../../db/tables/session.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import type { FactorName } from '../../second-factor/factors.ts';

type ChangeDeps = Pick<Deps, 'clock' | 'random' | 'keyring'>;

/**
 * Completes a change of a person's second factors: every challenge and every other session ends, and the change
 * gets a row in the audit log and a mail.
 *
 * @param change.session what the change proved or removed on this session
 * @throws NotAuthenticatedError if the person or the session no longer exists
 */
export async function factorsChanged(
  deps: ChangeDeps,
  tx: Executor,
  viewer: Authentication,
  change: {
    readonly type: 'MFA_ENABLED' | 'MFA_DISABLED';
    readonly method: FactorName;
    /** For a new factor: the link that undoes it. */
    readonly undo: UndoLink | null;
    readonly session: Partial<Pick<Session, 'secondFactorAt' | 'methods'>>;
    readonly client: Client;
  },
): Promise<Authentication> {
  const { type, method, client } = change;
  const after = await credentialsChanged(deps, tx, viewer, change.session);
  const news = { at: deps.clock.now(), from: client, method };
  const message =
    type === 'MFA_ENABLED'
      ? ({ template: 'mfa-enabled', ...news, ...linkOf(change.undo) } as const)
      : ({ template: 'mfa-disabled', ...news } as const);
  const about = { userId: viewer.user.id, sessionId: viewer.session.id };
  const event = { type, ...about, client, detail: { method } };
  await reportChange(deps, tx, event, { to: viewer.user.email, message });
  return after;
}
