import { and, eq, gt, isNull, lt, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { prepared } from '../db/prepared.ts';
import { sessions } from '../db/tables/session.ts';
import { users } from '../db/tables/user.ts';
import { BUDGETS } from '../rate-limit/budgets.ts';

/** An exchange of one refresh token for the next. */
export type Rotation = {
  readonly sessionId: string;
  /** The hash of the presented token. */
  readonly presented: Buffer;
  /** Makes the next secret together with the session's random bytes. */
  readonly derivation: Buffer;
  readonly now: Date;
  /** `now` is the database's time, so a late arrival shows. */
  readonly isDatabaseTime: boolean;
  readonly expiresAt: Date;
  /** A token spent after this moment may be presented again. */
  readonly replayableSince: Date;
};

const HOUR_OF_REFRESHES = sql.raw(`interval '${BUDGETS.refreshes.per} milliseconds'`);

/** The statement of rotateSession. */
export const rotate = prepared<Rotation>()((executor) => {
  const given = (name: keyof Rotation) => sql.placeholder(name);
  const now = sql.param(given('now'), sessions.lastUsedAt);
  const isCurrent = sql`${sessions.refreshHash} = ${given('presented')}`;
  const ifCurrent = (then: SQL, otherwise: SQL) =>
    sql`case when ${isCurrent} then ${then} else ${otherwise} end`;
  const expiresAt = at(sql.param(given('expiresAt'), sessions.expiresAt));
  return executor
    .update(sessions)
    .set({
      refreshHash: ifCurrent(successorHash(given('derivation')), sql`${sessions.refreshHash}`),
      previousRefreshHash: ifCurrent(
        sql`${given('presented')}::bytea`,
        sql`${sessions.previousRefreshHash}`,
      ),
      rotatedAt: ifCurrent(
        takesEffectAt(now, sql`${given('isDatabaseTime')}`),
        sql`${sessions.rotatedAt}`,
      ),
      expiresAt: ifCurrent(
        sql`least(${expiresAt}, ${sessions.absoluteExpiresAt})`,
        sql`${sessions.expiresAt}`,
      ),
      lastUsedAt: at(now),
      ...countRefreshes(1, now),
    })
    .from(users)
    .where(
      and(
        eq(sessions.id, given('sessionId')),
        eq(users.id, sessions.userId),
        isLive(now),
        or(isNewHour(now), lt(sessions.refreshes, BUDGETS.refreshes.tries)),
        or(
          isCurrent,
          and(
            eq(sessions.previousRefreshHash, given('presented')),
            gt(sessions.rotatedAt, sql.param(given('replayableSince'), sessions.rotatedAt)),
          ),
        ),
      ),
    )
    .returning()
    .prepare('rotate_session');
});

/** Counts exchanges of the session's refresh token toward its hour (RL-14). */
export function countRefreshes(exchanges: number, now: Date | SQLWrapper) {
  const more = sql.raw(String(exchanges));
  return {
    refreshes: sql`case when ${isNewHour(now)} then ${more} else ${sessions.refreshes} + ${more} end`,
    refreshesResetAt: sql`case when ${isNewHour(now)} then ${at(now)} + ${HOUR_OF_REFRESHES} else ${sessions.refreshesResetAt} end`,
  };
}

function isNewHour(now: Date | SQLWrapper): SQL {
  return sql`coalesce(${sessions.refreshesResetAt} <= ${at(now)}, true)`;
}

/**
 * The hash of the token that follows, as `successors` in refresh-token.ts makes it: the bytes that it
 * needs are in the row, and reading them first would be a second round trip.
 */
function successorHash(derivation: SQLWrapper): SQL {
  return sql`sha256(uuid_send(${sessions.id}) || sha256(${derivation}::bytea || ${sessions.refreshSalt}))`;
}

/** Whose session of a verified access token. */
export type LiveSession = {
  readonly sessionId: string;
  readonly userId: string;
  readonly now: Date;
};

/** The statement of findLiveSession. */
export const findLive = prepared<LiveSession>()((executor) => {
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

/** Neither over nor ended. */
export function isUnexpired(now: Date | SQLWrapper): SQL | undefined {
  return and(isNull(sessions.revokedAt), gt(sessions.expiresAt, now));
}

/** A session lives while it is neither over nor ended and its person's credentials are the same. */
export function isLive(now: Date | SQLWrapper): SQL | undefined {
  return and(
    isUnexpired(now),
    eq(sessions.credentialVersion, users.credentialVersion),
    isNull(users.disabledAt),
  );
}

/**
 * When a rotation happens, as opposed to when it was asked for: a database that was frozen or cut
 * off does late what it was sent before, and its answer reaches nobody. The replay window counts
 * from then, or whoever asked would return to a window that is over and lose the session (RR-5).
 */
export function takesEffectAt(asked: Date | SQLWrapper, isDatabaseTime: SQL): SQL<Date> {
  return sql<Date>`greatest(${at(asked)}, case when ${isDatabaseTime}::boolean then clock_timestamp() end)`;
}

/** A moment in an expression that has no column to tell its type. */
export function at(moment: Date | SQLWrapper): SQL<Date> {
  return sql<Date>`${moment instanceof Date ? moment.toISOString() : moment}::timestamptz`;
}
