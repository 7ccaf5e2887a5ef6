import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Outcome } from '../../graphql/result.ts';
import { isId } from '../../kernel/id.ts';
import { revokeSessions } from '../../session/store.ts';
import { type AccountDeps, type AccountRequest, onAccount } from './subject.ts';

/** The sessions have ended. */
export type UserSessionsRevoked = Outcome<'UserSessionsRevoked'> & { readonly count: number };

/**
 * Ends live sessions of a person at their next request. An id of a session that has ended, or is somebody else's, ends
 * nothing (SE-4).
 *
 * @param request.sessionIds null for all of them. An empty list ends none
 * @throws NotFoundError, MissingPermissionError, NotAuthenticatedError, StepUpRequiredError
 */
export async function revokeUserSessions(
  deps: AccountDeps,
  request: AccountRequest & { readonly sessionIds: readonly string[] | null },
): Promise<UserSessionsRevoked> {
  return await onAccount(deps, request, async (acting, tx, { id: userId }) => {
    const only = request.sessionIds?.filter(isId);
    const target = { userId, ...(only && { only }), now: acting.clock.now() };
    const because = 'revoked-by-administrator';
    const count = await run(tx, revokeSessions({ ...target, because }));
    if (count > 0) {
      const event = { type: 'SESSIONS_REVOKED', userId, client: null, detail: { count } } as const;
      await run(tx, recordAudit(acting, event));
    }
    return { kind: 'UserSessionsRevoked', count };
  });
}
