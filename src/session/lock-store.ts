import { and, eq } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { users } from '../db/tables/user.ts';
import { isLive, isUnexpired, type LiveSession } from './statements.ts';
import type { SessionWithUser } from './store.ts';

/**
 * A live session and its person, both locked until the transaction ends. A change of the person or
 * the session that is under way is waited for, and the condition is then judged anew, on the rows as
 * that change left them. The person's lock is taken first, as everywhere.
 *
 * @returns null when the session ended
 */
export async function lockLiveSession(
  executor: Executor,
  wanted: LiveSession,
): Promise<SessionWithUser | null> {
  const [row] = await executor
    .select({ session: sessions, user: users })
    .from(users)
    .innerJoin(sessions, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, wanted.sessionId),
        eq(sessions.userId, wanted.userId),
        isLive(wanted.now),
      ),
    )
    .for('no key update', { of: [users, sessions] });
  return row ?? null;
}

/**
 * A session by itself, locked until the transaction ends, for a transaction that locks no person.
 *
 * @returns null when it has ended or expired
 */
export async function lockSession(
  executor: Executor,
  wanted: Pick<LiveSession, 'sessionId' | 'now'>,
): Promise<Session | null> {
  const [session] = await executor
    .select()
    .from(sessions)
    .where(and(eq(sessions.id, wanted.sessionId), isUnexpired(wanted.now)))
    .for('no key update');
  return session ?? null;
}
