import { and, eq, getTableColumns, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { withColumn } from '../db/selection.ts';
import { build, firstRow, hotStatement, noRows, type Statement } from '../db/statement.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { users } from '../db/tables/user.ts';
import { RULES } from '../rate-limit/rules.ts';
import { type HeldRoles, type HeldRolesColumn, heldRoles, readHeldRoles } from '../role/held.ts';
import { at, isLive, isUnexpired, SESSION_WITH_USER, type SessionWithUser } from './store.ts';

/** An exchange of one refresh token for the next. */
export type Rotation = {
  readonly sessionId: string;
  /** The hash of the presented token. */
  readonly presented: Buffer;
  /** Gives the next secret, together with the session's random bytes. */
  readonly derivation: Buffer;
  readonly now: Date;
  /** True if `now` is the database's time: only then does the database notice that it runs the rotation late. */
  readonly isDatabaseTime: boolean;
  readonly expiresAt: Date;
  /** A token that was spent after this moment may be presented again. */
  readonly replayableSince: Date;
};

/**
 * Does a whole refresh in one statement. If the presented hash is the current one, the session rotates. If
 * it is the previous one within the replay window, only `last_used_at` changes. Otherwise no row matches.
 * Of two concurrent rotations the second waits and then counts as a replay (RR-3, RR-5).
 */
export function rotateSession(rotation: Rotation): Statement<RotatedSession | null> {
  return firstRow(rotate(rotation));
}

/** A session after its exchange, with its person and the roles that the next access token names. */
export type RotatedSession = SessionWithUser & { readonly roles: HeldRoles };

const ROTATED = withColumn(SESSION_WITH_USER, heldRoles(users.id), (row, held) => ({
  ...row,
  roles: readHeldRoles(held as HeldRolesColumn),
}));

const rotate = hotStatement<Rotation, RotatedSession>((value) => {
  const now = sql`${value('now')}::timestamptz`;
  const isCurrent = sql`${sessions.refreshHash} = ${value('presented')}::bytea`;
  const counted = countRefreshes(1, now);
  return sql`
    update ${sessions} set
      refresh_hash = case when ${isCurrent}
        then ${successorHash(value('derivation'))} else ${sessions.refreshHash} end,
      previous_refresh_hash = case when ${isCurrent}
        then ${value('presented')}::bytea else ${sessions.previousRefreshHash} end,
      rotated_at = case when ${isCurrent}
        then ${takesEffectAt(now, value('isDatabaseTime'))} else ${sessions.rotatedAt} end,
      expires_at = case when ${isCurrent}
        then least(${value('expiresAt')}::timestamptz, ${sessions.absoluteExpiresAt})
        else ${sessions.expiresAt} end,
      last_used_at = ${now},
      refreshes = ${counted.refreshes},
      refreshes_reset_at = ${counted.refreshesResetAt}
    from ${users}
    where ${sessions.id} = ${value('sessionId')}::uuid
      and ${users.id} = ${sessions.userId}
      and ${isLive(now)}
      and (${isNewHour(now)} or ${sessions.refreshes} < ${sql.raw(String(RULES.refreshes.allowance))})
      and (${isCurrent} or (
        ${sessions.previousRefreshHash} = ${value('presented')}::bytea
        and ${sessions.rotatedAt} > ${value('replayableSince')}::timestamptz
      ))
    returning ${ROTATED.columns}`;
}, ROTATED);

/**
 * An adoption counts as this many exchanges of the hour (RL-14). A session therefore adopts at most ten
 * times an hour, and has exchanges left after the first adoption.
 */
const EXCHANGES_OF_ADOPTION = 360;

/**
 * Repeats the rotations that the database lost: the presented token is the current one from now on
 * (RR-15). Call it only for a token that follows the stored one, under the session's lock.
 */
export function advanceSession({
  sessionId,
  presented,
  now,
}: Pick<Rotation, 'sessionId' | 'presented' | 'now'>): Statement<void> {
  const counted = countRefreshes(EXCHANGES_OF_ADOPTION, now);
  // The exchange that follows must still be within the allowance.
  const most = RULES.refreshes.allowance - 1;
  return noRows(
    build
      .update(sessions)
      .set({
        ...counted,
        refreshes: sql`least(${counted.refreshes}, ${most})`,
        refreshHash: presented,
      })
      .where(eq(sessions.id, sessionId)),
  );
}

/** Rotates a session whose current hash is known, and stores what was proven on it. */
export function renewSessionRow(rotation: {
  readonly sessionId: string;
  readonly userId: string;
  readonly current: Buffer;
  readonly successor: Buffer;
  readonly now: Date;
  readonly isDatabaseTime: boolean;
  readonly expiresAt: Date;
  readonly renewal: Partial<Session>;
}): Statement<{ readonly session: Session; readonly held: HeldRolesColumn } | null> {
  return firstRow(
    build
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
      .returning({ session: getTableColumns(sessions), held: heldRoles(sessions.userId) }),
  );
}

const HOUR_OF_REFRESHES = sql.raw(`interval '${RULES.refreshes.period} milliseconds'`);

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
 * The hash of the token that follows, as `successors` in refresh-token.ts computes it. The random bytes
 * that it needs are in the row; reading them first would be a second round trip.
 */
function successorHash(derivation: SQLWrapper): SQL {
  return sql`sha256(uuid_send(${sessions.id}) || sha256(${derivation}::bytea || ${sessions.refreshSalt}))`;
}

/**
 * When a rotation takes effect, as opposed to when it was requested. A database that was frozen or cut off
 * runs old statements late, and their answers reach nobody. The replay window therefore starts when the
 * statement runs. Otherwise the client would return after the window has closed and lose the session
 * (RR-5).
 */
function takesEffectAt(requested: Date | SQLWrapper, isDatabaseTime: SQLWrapper): SQL<Date> {
  return sql<Date>`greatest(${at(requested)}, case when ${isDatabaseTime}::boolean then clock_timestamp() end)`;
}
