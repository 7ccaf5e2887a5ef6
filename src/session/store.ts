import {
  and,
  count,
  eq,
  gt,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { prepared } from '../db/prepared.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { type User, users } from '../db/tables/user.ts';
import { after, DAY } from '../kernel/duration.ts';

/** A session with its person, as one row. */
export type SessionWithUser = { readonly session: Session; readonly user: User };

/** The session and the person that a verified access token names. */
export type LiveSession = {
  readonly sessionId: string;
  readonly userId: string;
  readonly now: Date;
};

/** How long the row of an ended session is kept. */
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

/** The session of a verified access token, if it and its person still live (TK-9, TK-14). */
export async function findLiveSession(
  executor: Executor,
  wanted: LiveSession,
): Promise<SessionWithUser | null> {
  const [row] = await findLive(executor, wanted);
  return row ?? null;
}

const findLive = prepared<LiveSession>()((executor) => {
  const given = (name: keyof LiveSession) => sql.placeholder(name);
  return executor
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, given('sessionId')),
        eq(sessions.userId, given('userId')),
        isLive(sql.param(given('now'), sessions.expiresAt)),
      ),
    )
    .prepare('find_live_session');
});

/**
 * Reads a live session and its person and locks both until the transaction ends. The statement waits
 * for a change of either that is under way, and PostgreSQL then evaluates the condition again on the
 * rows as that change left them. The person's lock comes first, as in every operation.
 *
 * @returns null if the session has ended
 */
export async function lockLiveSessionForUpdate(
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
 * Reads a session and locks it until the transaction ends, for a transaction that locks no person.
 *
 * @returns null if it has ended or expired
 */
export async function lockSessionForUpdate(
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

/**
 * Keeps one session across a change of its person's credentials: it gets the new credential version and
 * keeps its tokens. Every other session ends with the old version (SE-3).
 *
 * @returns null if the session has ended meanwhile
 */
export async function keepAcrossCredentialChange(
  executor: Executor,
  target: { readonly sessionId: string; readonly userId: string; readonly now: Date },
  change: Pick<Session, 'credentialVersion'> & Partial<Pick<Session, 'secondFactorAt' | 'methods'>>,
): Promise<Session | null> {
  const [kept] = await executor
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
  return kept ?? null;
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

/** The session has neither expired nor ended. */
export function isUnexpired(now: Date | SQLWrapper): SQL | undefined {
  return and(isNull(sessions.revokedAt), gt(sessions.expiresAt, now));
}

/** A session is live while it has neither expired nor ended and its person's credentials are unchanged. */
export function isLive(now: Date | SQLWrapper): SQL | undefined {
  return and(
    isUnexpired(now),
    eq(sessions.credentialVersion, users.credentialVersion),
    isNull(users.disabledAt),
  );
}

/** A moment in an expression that has no column to tell its type. */
export function at(moment: Date | SQLWrapper): SQL<Date> {
  return sql<Date>`${moment instanceof Date ? moment.toISOString() : moment}::timestamptz`;
}
