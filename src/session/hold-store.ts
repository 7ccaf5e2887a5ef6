import { and, eq } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { sessions } from '../db/tables/session.ts';
import { type User, users } from '../db/tables/user.ts';
import { isLive } from './statements.ts';

/**
 * The person of a session that lives, held until the transaction ends: a reset under way is
 * waited for and then missed, a later one sees what this transaction did (SE-2). The person's row
 * alone is locked: a reset takes it before the sessions', and the other order would deadlock.
 */
export async function holdLiveSession(
  executor: Executor,
  wanted: { readonly sessionId: string; readonly userId: string; readonly now: Date },
): Promise<User | null> {
  const [row] = await executor
    .select({ user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, wanted.sessionId),
        eq(sessions.userId, wanted.userId),
        isLive(wanted.now),
      ),
    )
    .for('share', { of: users });
  return row?.user ?? null;
}
