import { and, eq, isNull } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { type Session, sessions } from '../db/tables/session.ts';

/**
 * Carries one session over a change of its person's credentials: under the new version it lives
 * on, with its tokens as they are, where every other one ends (SE-3).
 */
export async function carrySession(
  executor: Executor,
  target: { readonly sessionId: string; readonly userId: string },
  change: Pick<Session, 'credentialVersion'> & Partial<Pick<Session, 'secondFactorAt' | 'methods'>>,
): Promise<Session | null> {
  const [carried] = await executor
    .update(sessions)
    .set(change)
    .where(
      and(
        eq(sessions.id, target.sessionId),
        eq(sessions.userId, target.userId),
        isNull(sessions.revokedAt),
      ),
    )
    .returning();
  return carried ?? null;
}
