import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { type Session, sessions } from '../db/tables/session.ts';

/**
 * Lets the session that changed its person's credentials go on under the new ones, with the
 * tokens it has: the answer of that change carries none.
 *
 * @returns null when the session ended meanwhile
 */
export async function carryOver(
  executor: Executor,
  target: {
    readonly sessionId: string;
    readonly userId: string;
    readonly credentialVersion: number;
    readonly now: Date;
  },
): Promise<Session | null> {
  const [session] = await executor
    .update(sessions)
    .set({ credentialVersion: target.credentialVersion })
    .where(
      and(
        eq(sessions.id, target.sessionId),
        eq(sessions.userId, target.userId),
        isNull(sessions.revokedAt),
        gt(sessions.expiresAt, target.now),
      ),
    )
    .returning();
  return session ?? null;
}
