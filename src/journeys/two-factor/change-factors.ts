import { linkOf, type UndoLink } from '../../access-ledger/undo-link.ts';
import { endOtherAccess } from '../../credential-change/end-earlier-access.ts';
import { reportChange } from '../../credential-change/report-change.ts';
import type { Executor } from '../../db/executor.ts';
import { run } from '../../db/executor.ts';
import type { Session } from '../../db/tables/session.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Client } from '../../kernel/ports.ts';
import { bumpCredentialVersion } from '../../user/credential-store.ts';

type ChangeDeps = Pick<Deps, 'clock' | 'random' | 'keyring'>;

/**
 * Completes a change of a person's factors: a new credential version, which ends every challenge and every
 * other session (TO-7, SE-3), a row in the audit log, and a mail.
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
    readonly method: 'totp' | 'email';
    /** For a new factor: the link that undoes it. */
    readonly undo: UndoLink | null;
    readonly session: Partial<Pick<Session, 'secondFactorAt' | 'methods'>>;
    readonly client: Client;
  },
): Promise<Authentication> {
  const now = deps.clock.now();
  const { type, method, client } = change;
  const target = { userId: viewer.user.id, sessionId: viewer.session.id };
  const user = await run(tx, bumpCredentialVersion({ userId: target.userId, now }));
  const renewal = change.session;
  const { session } = await endOtherAccess(deps, tx, user, {
    sessionId: target.sessionId,
    renewal,
  });
  const news = { at: now, from: client, method };
  const message =
    type === 'MFA_ENABLED'
      ? ({ template: 'mfa-enabled', ...news, ...linkOf(change.undo) } as const)
      : ({ template: 'mfa-disabled', ...news } as const);
  const event = { type, ...target, client, detail: { method } };
  await reportChange(deps, tx, event, { to: viewer.user.email, message });
  return { user: user ?? viewer.user, session };
}
