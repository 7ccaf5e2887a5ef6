import { and, eq } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { isUnexpired } from './statements.ts';

/**
 * Carries one session over a change of its person's credentials: under the new version it lives
 * on, with its tokens as they are, where every other one ends (SE-3).
 *
 * @returns null when the session ended meanwhile
 */
export async function carrySession(
  executor: Executor,
  target: { readonly sessionId: string; readonly userId: string; readonly now: Date },
  change: Pick<Session, 'credentialVersion'> & Partial<Pick<Session, 'secondFactorAt' | 'methods'>>,
): Promise<Session | null> {
  const [carried] = await executor
    .update(sessions)
    .set(change)
    .where(
      and(
        eq(sessions.id, target.sessionId),
        eq(sessions.userId, target.userId),
        isUnexpired(target.now),
      ),
    )
    .returning();
  return carried ?? null;
}
