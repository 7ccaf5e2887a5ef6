import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Authentication } from '../../graphql/context.ts';
import type { Outcome } from '../../graphql/result.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { isId } from '../../kernel/id.ts';
import type { Client } from '../../kernel/ports.ts';
import { revokeSession, revokeSessions } from '../../session/store.ts';
import { viewerTransaction } from '../../session/viewer-transaction.ts';

/** The number of sessions that were ended. The current session continues. */
export type SessionsRevoked = Outcome<'SessionsRevoked'> & {
  readonly count: number;
  readonly viewer: Authentication;
};

type RevokeDeps = Pick<Deps, 'db' | 'clock' | 'random' | 'config'>;

/**
 * Ends one of the person's own sessions before the response is sent (SE-3).
 *
 * @throws NotFoundError for a session that belongs to somebody else, has ended or never existed (SE-4);
 *   NotAuthenticatedError, MfaEnrollmentRequiredError
 */
export async function revokeOwnSession(
  deps: RevokeDeps,
  viewer: Authentication,
  sessionId: string,
  client: Client,
): Promise<SessionsRevoked> {
  if (!isId(sessionId)) throw new NotFoundError();
  const userId = viewer.user.id;
  const count = await viewerTransaction(deps, viewer, 'signedIn', async (tx) => {
    const now = deps.clock.now();
    const revoked = await run(
      tx,
      revokeSession({
        sessionId,
        userId,
        now,
        because: 'revoked-by-owner',
      }),
    );
    if (revoked > 0) {
      await run(tx, recordAudit(deps, { type: 'SESSION_REVOKED', userId, sessionId, client }));
    }
    return revoked;
  });
  if (count === 0) throw new NotFoundError();
  return { kind: 'SessionsRevoked', count, viewer };
}

/**
 * Ends every session of the person except the current one (SE-3).
 *
 * @throws NotAuthenticatedError, MfaEnrollmentRequiredError
 */
export async function revokeOtherSessions(
  deps: RevokeDeps,
  viewer: Authentication,
  client: Client,
): Promise<SessionsRevoked> {
  const userId = viewer.user.id;
  const sessionId = viewer.session.id;
  const count = await viewerTransaction(deps, viewer, 'signedIn', async (tx) => {
    const now = deps.clock.now();
    const because = 'revoked-by-owner';
    const revoked = await run(
      tx,
      revokeSessions({ userId, exceptSessionId: sessionId, now, because }),
    );
    if (revoked > 0)
      await run(
        tx,
        recordAudit(deps, {
          type: 'OTHER_SESSIONS_REVOKED',
          userId,
          sessionId,
          client,
          detail: { count: revoked },
        }),
      );
    return revoked;
  });
  return { kind: 'SessionsRevoked', count, viewer };
}
