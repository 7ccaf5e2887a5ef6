import { and, eq, gt, lt, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { prepared } from '../db/prepared.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { users } from '../db/tables/user.ts';
import { RULES } from '../rate-limit/rules.ts';
import { at, isLive, isUnexpired, type SessionWithUser } from './store.ts';

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
  const most = RULES.refreshes.allowance - 1;
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

const HOUR_OF_REFRESHES = sql.raw(`interval '${RULES.refreshes.period} milliseconds'`);

const rotate = prepared<Rotation>()((executor) => {
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
        or(isNewHour(now), lt(sessions.refreshes, RULES.refreshes.allowance)),
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
function countRefreshes(exchanges: number, now: Date | SQLWrapper) {
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

/**
 * When a rotation happens, as opposed to when it was asked for: a database that was frozen or cut
 * off does late what it was sent before, and its answer reaches nobody. The replay window counts
 * from then, or whoever asked would return to a window that is over and lose the session (RR-5).
 */
function takesEffectAt(asked: Date | SQLWrapper, isDatabaseTime: SQL): SQL<Date> {
  return sql<Date>`greatest(${at(asked)}, case when ${isDatabaseTime}::boolean then clock_timestamp() end)`;
}
