import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { Session } from '../db/tables/session.ts';
import type { Deps } from '../deps.ts';
import type { Authentication } from '../graphql/context.ts';
import { after } from '../kernel/duration.ts';
import { NotAuthenticatedError } from '../kernel/errors.ts';
import { readHeldRoles } from '../role/held.ts';
import type { SessionGrant } from './create.ts';
import { successorOf } from './refresh-token.ts';
import { renewSessionRow } from './rotate-store.ts';

/** The columns of a session that a renewal may change. */
export type Renewal = Partial<Pick<Session, 'authenticatedAt' | 'secondFactorAt' | 'methods'>>;

/**
 * Rotates a locked session for its person, without the session's refresh token, and stores what was just
 * proven. The successor is derived from the stored hash. If another tab presents the previous token
 * within the replay window, it therefore gets the same successor (RR-5).
 *
 * @param current read under the lock, so that no other tab can rotate the session between the read and
 *   the write
 * @throws NotAuthenticatedError if the session has ended
 */
export async function renewSession(
  deps: Pick<Deps, 'clock' | 'keyring' | 'config'>,
  tx: Executor,
  { session, user }: Authentication,
  renewal: Renewal,
): Promise<SessionGrant> {
  const now = deps.clock.now();
  const refreshToken = successorOf(deps.keyring, session, session.refreshHash);
  const renewed = await run(
    tx,
    renewSessionRow({
      sessionId: session.id,
      userId: user.id,
      current: session.refreshHash,
      successor: refreshToken.hash,
      now,
      isDatabaseTime: deps.clock.isOfDatabase ?? false,
      expiresAt: after(now, deps.config.session.refreshLifetime),
      renewal,
    }),
  );
  if (!renewed) throw new NotAuthenticatedError();
  const roles = readHeldRoles(renewed.held);
  return { session: renewed.session, user, refreshToken, roles: () => roles };
}
