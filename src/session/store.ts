import {
  and,
  count,
  eq,
  gt,
  inArray,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { columnsOfEach } from '../db/selection.ts';
import {
  build,
  firstRow,
  hasRows,
  hotStatement,
  map,
  noRows,
  rowCount,
  rows,
  type Statement,
} from '../db/statement.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { type User, users } from '../db/tables/user.ts';
import { after, DAY } from '../kernel/duration.ts';
import { holdsPermission } from '../role/held.ts';

/** A session with its person, as one row. */
export type SessionWithUser = { readonly session: Session; readonly user: User };

/** The columns of a session and its person, for statements that join them. */
export const SESSION_WITH_USER = columnsOfEach({ session: sessions, user: users });

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
  | 'security-change-undone'
  | 'revoked-by-administrator'
  | 'impersonation-ended';

/** Reads the session of a verified access token, if it and its person are still live (TK-9, TK-14). */
export function findLiveSession(wanted: LiveSession): Statement<SessionWithUser | null> {
  return firstRow(selectLive(wanted));
}

const selectLive = hotStatement<LiveSession, SessionWithUser>(
  (value) => sql`
    select ${SESSION_WITH_USER.columns}
    from ${sessions} join ${users} on ${users.id} = ${sessions.userId}
    where ${sessions.id} = ${value('sessionId')}::uuid
      and ${sessions.userId} = ${value('userId')}::uuid
      and ${isLive(value('now'))}`,
  SESSION_WITH_USER,
);

/**
 * True if the administrator who acts in a session may still do so (IM-3). Asked only for a session with an
 * impersonator: the statements of all other sessions name no second session.
 */
export function hasLiveImpersonator(wanted: Omit<LiveSession, 'userId'>): Statement<boolean> {
  return hasRows(selectImpersonated(wanted));
}

const selectImpersonated = hotStatement<Omit<LiveSession, 'userId'>, never>(
  (value) => sql`
    select from ${sessions}
    where ${sessions.id} = ${value('sessionId')}::uuid
      and ${isImpersonatorLive(sql`${value('now')}::timestamptz`)}`,
);

const givers = alias(sessions, 'givers');
const administrators = alias(users, 'administrators');

/**
 * The administrator who acts in a session still has the session that it was started from, an enabled account with a
 * proven address, and the permission. Two reads of one row each, which the planner cannot turn into a join: it would
 * begin with all people. For the same reason the proven address is asked for in a form that fits no index.
 */
function isImpersonatorLive(now: Date | SQLWrapper): SQL {
  return sql`(
    select ${givers.credentialVersion} from ${sessions} as ${sql.identifier('givers')}
    where ${givers.id} = ${sessions.impersonatorSessionId}
      and ${isNull(givers.impersonatorId)}
      and ${isNull(givers.revokedAt)} and ${givers.expiresAt} > ${at(now)}
  ) = (
    select ${administrators.credentialVersion} from ${users} as ${sql.identifier('administrators')}
    where ${administrators.id} = ${sessions.impersonatorId}
      and ${isNull(administrators.disabledAt)}
      and (${isNull(administrators.emailVerifiedAt)}) is false
      and ${holdsPermission(administrators.id, 'USERS_IMPERSONATE')}
  )`;
}

/**
 * Reads a live session and its person and locks both until the transaction ends. The statement waits
 * for a change of either that is under way, and PostgreSQL then evaluates the condition again on the
 * rows as that change left them. The person's lock comes first, as in every operation.
 *
 * @returns null if the session has ended
 */
export function lockLiveSessionForUpdate(wanted: LiveSession): Statement<SessionWithUser | null> {
  return firstRow(
    build
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
      .for('no key update', { of: [users, sessions] }),
  );
}

/**
 * Reads a session and locks it until the transaction ends, for a transaction that locks no person.
 *
 * @returns null if it has ended or expired
 */
export function lockSessionForUpdate(
  wanted: Pick<LiveSession, 'sessionId' | 'now'>,
): Statement<Session | null> {
  return firstRow(
    build
      .select()
      .from(sessions)
      .where(and(eq(sessions.id, wanted.sessionId), isUnexpired(wanted.now)))
      .for('no key update'),
  );
}

/** Reads a session, ended or not. Only to find out why a refresh matched no row. */
export function findSession(id: string): Statement<Session | null> {
  return firstRow(build.select().from(sessions).where(eq(sessions.id, id)));
}

/** A person's live sessions, newest first. `before` is the id that the page starts after. */
export function listLiveSessions(page: {
  readonly userId: string;
  readonly before: string | null;
  readonly limit: number;
  readonly now: Date;
}): Statement<readonly Session[]> {
  const { where, orderBy } = rowsOfPerson(sessions, page.userId, page.before);
  // With a join, the planner might walk all people beside the sessions.
  const version = build
    .select({ version: users.credentialVersion })
    .from(users)
    .where(and(eq(users.id, page.userId), isNull(users.disabledAt)));
  return rows(
    build
      .select()
      .from(sessions)
      .where(
        and(
          where,
          isUnexpired(page.now),
          eq(sessions.credentialVersion, version),
          or(isNull(sessions.impersonatorId), isImpersonatorLive(page.now)),
        ),
      )
      .orderBy(...orderBy)
      .limit(page.limit),
  );
}

/** Counts a person's live sessions. */
export function countLiveSessions(about: {
  readonly userId: string;
  readonly now: Date;
}): Statement<number> {
  const counted = build
    .select({ n: count() })
    .from(sessions)
    .where(and(eq(sessions.userId, about.userId), isUnexpired(about.now)));
  return map(firstRow(counted), (row) => row?.n ?? 0);
}

/** `isComplete` is false if counting stopped and there are more sessions. */
export type CountedSessions = { readonly sessions: number; readonly isComplete: boolean };

/** Sessions beyond this number are not counted: a person reads the number, and it must not take minutes. */
const COUNTED_AT_MOST = 1_000_000;

/** Counts the live sessions of all people. */
export function countAllSessions(now: Date): Statement<CountedSessions> {
  const live = build
    .select({ one: sql`1`.as('one') })
    .from(sessions)
    .where(isUnexpired(now))
    .limit(COUNTED_AT_MOST + 1)
    .as('live');
  return map(firstRow(build.select({ n: count() }).from(live)), (row) => {
    const counted = row?.n ?? 0;
    return {
      sessions: Math.min(counted, COUNTED_AT_MOST),
      isComplete: counted <= COUNTED_AT_MOST,
    };
  });
}

/**
 * Keeps one session across a change of its person's credentials: it gets the new credential version and
 * keeps its tokens. Every other session ends with the old version (SE-3).
 *
 * @returns null if the session has ended meanwhile
 */
export function keepAcrossCredentialChange(
  target: { readonly sessionId: string; readonly userId: string; readonly now: Date },
  change: Pick<Session, 'credentialVersion'> & Partial<Pick<Session, 'secondFactorAt' | 'methods'>>,
): Statement<Session | null> {
  return firstRow(
    build
      .update(sessions)
      .set(change)
      .where(
        and(
          eq(sessions.id, target.sessionId),
          eq(sessions.userId, target.userId),
          isUnexpired(target.now),
        ),
      )
      .returning(),
  );
}

/** Ends one live session of this person. Another person's session id matches no row (SE-4). */
export function revokeSession(target: {
  readonly sessionId: string;
  readonly userId: string;
  readonly now: Date;
  readonly because: RevocationReason;
}): Statement<number> {
  return revokeWhere(
    target,
    and(eq(sessions.id, target.sessionId), eq(sessions.userId, target.userId)),
  );
}

/** Ends every live session of a person, except the one that continues, if any; or only those of these ids. */
export function revokeSessions(target: {
  readonly userId: string;
  readonly exceptSessionId?: string;
  readonly only?: readonly string[];
  readonly now: Date;
  readonly because: RevocationReason;
}): Statement<number> {
  return revokeWhere(
    target,
    and(
      eq(sessions.userId, target.userId),
      target.exceptSessionId === undefined ? undefined : ne(sessions.id, target.exceptSessionId),
      // Of an empty list, none: drizzle writes "false".
      target.only && inArray(sessions.id, [...target.only]),
    ),
  );
}

/** Ends the sessions that began with a linked account, except the one that asks, if any (SE-10). */
export function revokeSessionsOfIdentity(target: {
  readonly userId: string;
  readonly identityId: string;
  readonly exceptSessionId: string | null;
  readonly now: Date;
}): Statement<number> {
  return revokeWhere(
    { now: target.now, because: 'identity-unlinked' },
    and(
      eq(sessions.userId, target.userId),
      eq(sessions.identityId, target.identityId),
      target.exceptSessionId === null ? undefined : ne(sessions.id, target.exceptSessionId),
    ),
  );
}

/** Ends every live session in which a person acts as somebody else. */
export function revokeSessionsOfImpersonator(target: {
  readonly impersonatorId: string;
  readonly now: Date;
}): Statement<readonly { readonly sessionId: string; readonly userId: string }[]> {
  const because: RevocationReason = 'impersonation-ended';
  return rows(
    build
      .update(sessions)
      .set({ revokedAt: target.now, revokedBecause: because })
      .where(and(eq(sessions.impersonatorId, target.impersonatorId), isUnexpired(target.now)))
      .returning({ sessionId: sessions.id, userId: sessions.userId }),
  );
}

/**
 * Removes a deleted person from the sessions in which they acted as somebody else (DR-5). The rows stay marked as such, so
 * that nobody takes one for a session of its person.
 */
export function forgetImpersonator(erased: {
  readonly userId: string;
  readonly pseudonym: string;
}): Statement<void> {
  return noRows(
    build
      .update(sessions)
      .set({
        impersonatorId: erased.pseudonym,
        impersonatorSessionId: null,
        ipAddress: null,
        userAgent: null,
      })
      .where(eq(sessions.impersonatorId, erased.userId)),
  );
}

function revokeWhere(
  revocation: { readonly now: Date; readonly because: RevocationReason },
  condition: SQL | undefined,
): Statement<number> {
  return rowCount(
    build
      .update(sessions)
      .set({ revokedAt: revocation.now, revokedBecause: revocation.because })
      .where(and(condition, isUnexpired(revocation.now))),
  );
}

/**
 * Removes sessions that ended a week ago or longer, by expiry or by revocation. Reuse detection and the
 * person's list read live sessions only, and a token without its row is refused like a token of an ended
 * session. The week is for somebody who investigates an incident (DR-6).
 */
export function purgeSessions(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const madeBefore = after(page.now, -KEPT_AFTER_END);
  const isExpired = or(lt(sessions.expiresAt, madeBefore), lt(sessions.revokedAt, madeBefore));
  return run(
    executor,
    purgePage({ table: sessions, key: sessions.id, madeBefore, isExpired }, page),
  );
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

/** A moment in an expression without a column that gives it a type. */
export function at(moment: Date | SQLWrapper): SQL<Date> {
  return sql<Date>`${moment instanceof Date ? moment.toISOString() : moment}::timestamptz`;
}
