import { and, count, eq, isNull, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { type User, users } from '../db/tables/user.ts';
import { after, DAY } from '../kernel/duration.ts';
import { BUDGETS } from '../rate-limit/budgets.ts';
import { demandInserted, type Eviction, evict, insert } from './start-statements.ts';
import {
  at,
  countRefreshes,
  findLive,
  isUnexpired,
  type LiveSession,
  type Rotation,
  rotate,
  takesEffectAt,
} from './statements.ts';

/** A session with its person, as one row. */
export type SessionWithUser = { readonly session: Session; readonly user: User };

/** How long a session that ended stays. */
const KEPT_AFTER_END = 7 * DAY;

/** Why a session ended before its time. */
export type RevocationReason =
  | 'signed-out'
  | 'revoked-by-owner'
  | 'refresh-token-reused'
  | 'too-many-sessions'
  | 'credentials-changed'
  | 'account-disabled'
  | 'identity-unlinked'
  | 'security-change-undone';

/**
 * Inserts a session only while the person still has the credentials it was earned with. The share
 * lock makes it wait for a reset under way and then miss; a reset that comes later sees the row
 * (SE-2).
 */
export async function insertSession(executor: Executor, session: Session): Promise<boolean> {
  const inserted = await insert(executor, {
    ...session,
    secondFactorAt: session.secondFactorAt?.toISOString() ?? null,
  });
  return inserted.length === 1;
}

/** Ends its transaction unless the session was inserted before. */
export async function demandSession(tx: Executor, id: string): Promise<void> {
  await demandInserted(tx, { id });
}

/**
 * The whole of a refresh: rotates when the presented hash is the current one, changes nothing
 * but `last_used_at` when it is the one just spent, and matches no row otherwise. A concurrent
 * rotation makes the second one wait, then fall into the replay arm (RR-3, RR-5).
 */
export async function rotateSession(
  executor: Executor,
  rotation: Rotation,
): Promise<SessionWithUser | null> {
  const [row] = await rotate(executor, rotation);
  if (!row) return null;
  const { users: user, ...session } = row;
  return { session, user };
}

/**
 * An adoption counts as so many exchanges of the hour (RL-14): a session adopts ten times within it at
 * most, and still has exchanges left after the first.
 */
const EXCHANGES_OF_ADOPTION = 360;

/**
 * Takes a session forward over rotations that the database lost: the presented token is the current
 * one from now on (RR-15). Only for a token that follows the stored one, under the session's lock.
 */
export async function advanceSession(
  executor: Executor,
  { sessionId, presented, now }: Pick<Rotation, 'sessionId' | 'presented' | 'now'>,
): Promise<void> {
  const counted = countRefreshes(EXCHANGES_OF_ADOPTION, now);
  // The exchange that comes next must still be within the allowance.
  const most = BUDGETS.refreshes.tries - 1;
  await executor
    .update(sessions)
    .set({
      ...counted,
      refreshes: sql`least(${counted.refreshes}, ${most})`,
      refreshHash: presented,
    })
    .where(eq(sessions.id, sessionId));
}

/** Rotates a session whose current hash is known, and writes down what was proven on it. */
export async function renewSessionRow(
  executor: Executor,
  rotation: {
    readonly sessionId: string;
    readonly userId: string;
    readonly current: Buffer;
    readonly successor: Buffer;
    readonly now: Date;
    readonly isDatabaseTime: boolean;
    readonly expiresAt: Date;
    readonly renewal: Partial<Session>;
  },
): Promise<Session | null> {
  const [renewed] = await executor
    .update(sessions)
    .set({
      ...rotation.renewal,
      refreshHash: rotation.successor,
      previousRefreshHash: rotation.current,
      rotatedAt: takesEffectAt(rotation.now, sql`${rotation.isDatabaseTime}`),
      lastUsedAt: rotation.now,
      expiresAt: sql`least(${at(rotation.expiresAt)}, ${sessions.absoluteExpiresAt})`,
    })
    .where(
      and(
        eq(sessions.id, rotation.sessionId),
        eq(sessions.userId, rotation.userId),
        eq(sessions.refreshHash, rotation.current),
        isUnexpired(rotation.now),
      ),
    )
    .returning();
  return renewed ?? null;
}

/** The session of a verified access token, if it and its person still live (TK-9, TK-14). */
export async function findLiveSession(
  executor: Executor,
  wanted: LiveSession,
): Promise<SessionWithUser | null> {
  const [row] = await findLive(executor, wanted);
  return row ?? null;
}

/** The session as it lies there, dead or alive: only to find out why a refresh matched nothing. */
export async function findSession(executor: Executor, id: string): Promise<Session | null> {
  const [session] = await executor.select().from(sessions).where(eq(sessions.id, id));
  return session ?? null;
}

/** A person's live sessions, newest first. `before` is the id the page starts after. */
export async function listLiveSessions(
  executor: Executor,
  page: {
    readonly userId: string;
    readonly before: string | null;
    readonly limit: number;
    readonly now: Date;
  },
): Promise<Session[]> {
  const { where, orderBy } = rowsOfPerson(sessions, page.userId, page.before);
  // A join would let the planner walk all people beside the sessions.
  const version = executor
    .select({ version: users.credentialVersion })
    .from(users)
    .where(and(eq(users.id, page.userId), isNull(users.disabledAt)));
  return await executor
    .select()
    .from(sessions)
    .where(and(where, isUnexpired(page.now), eq(sessions.credentialVersion, version)))
    .orderBy(...orderBy)
    .limit(page.limit);
}

/** How many live sessions a person has. */
export async function countLiveSessions(
  executor: Executor,
  about: { readonly userId: string; readonly now: Date },
): Promise<number> {
  const [row] = await executor
    .select({ n: count() })
    .from(sessions)
    .where(and(eq(sessions.userId, about.userId), isUnexpired(about.now)));
  return row?.n ?? 0;
}

/** `isComplete` is false where counting stopped and there are more. */
export type CountedSessions = { readonly sessions: number; readonly isComplete: boolean };

/** More are not counted: it is for a person who reads the number, and must not take minutes. */
const COUNTED_AT_MOST = 1_000_000;

/** How many live sessions there are altogether. */
export async function countAllSessions(executor: Executor, now: Date): Promise<CountedSessions> {
  const live = executor
    .select({ one: sql`1`.as('one') })
    .from(sessions)
    .where(isUnexpired(now))
    .limit(COUNTED_AT_MOST + 1)
    .as('live');
  const [row] = await executor.select({ n: count() }).from(live);
  const counted = row?.n ?? 0;
  return {
    sessions: Math.min(counted, COUNTED_AT_MOST),
    isComplete: counted <= COUNTED_AT_MOST,
  };
}

/** Ends one live session of this person; a foreign id matches nothing (SE-4). */
export async function revokeSession(
  executor: Executor,
  target: {
    readonly sessionId: string;
    readonly userId: string;
    readonly now: Date;
    readonly because: RevocationReason;
  },
): Promise<number> {
  return await revokeWhere(
    executor,
    target,
    and(eq(sessions.id, target.sessionId), eq(sessions.userId, target.userId)),
  );
}

/** Ends every live session of a person, but for one where a session goes on. */
export async function revokeSessions(
  executor: Executor,
  target: {
    readonly userId: string;
    readonly exceptSessionId?: string;
    readonly now: Date;
    readonly because: RevocationReason;
  },
): Promise<number> {
  return await revokeWhere(
    executor,
    target,
    and(
      eq(sessions.userId, target.userId),
      target.exceptSessionId === undefined ? undefined : ne(sessions.id, target.exceptSessionId),
    ),
  );
}

/**
 * Ends the oldest live sessions beyond the number a person may have (SE-5), those that are over before
 * them, and never the one just started: after the clock was set back its id is older than the others'. When it was not started
 * there is nothing to end.
 */
export async function evictSessions(executor: Executor, target: Eviction): Promise<number> {
  return (await evict(executor, target)).length;
}

/** Ends the sessions that began with a linked account, but for the one that asks (SE-10). */
export async function revokeSessionsOfIdentity(
  executor: Executor,
  target: {
    readonly userId: string;
    readonly identityId: string;
    readonly exceptSessionId: string;
    readonly now: Date;
  },
): Promise<number> {
  return await revokeWhere(
    executor,
    { now: target.now, because: 'identity-unlinked' },
    and(
      eq(sessions.userId, target.userId),
      eq(sessions.identityId, target.identityId),
      ne(sessions.id, target.exceptSessionId),
    ),
  );
}

async function revokeWhere(
  executor: Executor,
  revocation: { readonly now: Date; readonly because: RevocationReason },
  condition: SQL | undefined,
): Promise<number> {
  const revoked = await executor
    .update(sessions)
    .set({ revokedAt: revocation.now, revokedBecause: revocation.because })
    .where(and(condition, isUnexpired(revocation.now)))
    .returning({ id: sessions.id });
  return revoked.length;
}

/**
 * Removes sessions that ended a week ago or longer, in time or by revocation. Reuse detection and
 * the person's list look at live ones alone, and a token without its row is refused like one of a
 * session that is over; the week is for whoever looks into an incident (DR-6).
 */
export function purgeSessions(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const madeBefore = after(page.now, -KEPT_AFTER_END);
  const isOver = or(lt(sessions.expiresAt, madeBefore), lt(sessions.revokedAt, madeBefore));
  return purgePage(executor, { table: sessions, key: sessions.id, madeBefore, isOver }, page);
}
