import { isNull, sql } from 'drizzle-orm';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { firstRow, hotStatement, noRows, type Statement } from '../db/statement.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { users } from '../db/tables/user.ts';
import { type HeldRolesColumn, heldRoles } from '../role/held.ts';

/** The assertion that fails if the person's credentials changed since they were verified. */
export const SESSION_CREATED = 'session_created';

/**
 * Inserts a session, only while the person still has the credentials with which it was earned. The share
 * lock makes the statement wait for a reset under way and then match no row. A reset that starts later
 * sees the session and ends it (SE-2).
 */
export function insertSession(session: Session): Statement<WrittenSession | null> {
  return firstRow(insert(session));
}

/** The roles of the session's person. */
type WrittenSession = { readonly held: HeldRolesColumn };

const insert = hotStatement<Session, WrittenSession>(
  (value) => sql`
    insert into ${sessions} (
      id, user_id, refresh_hash, refresh_salt, rotated_at, created_at, last_used_at, expires_at,
      absolute_expires_at, authenticated_at, second_factor_at, methods, credential_version,
      identity_id, impersonator_id, impersonator_session_id, ip_address, user_agent
    )
    select ${value('id')}::uuid, ${users.id}, ${value('refreshHash')}::bytea,
      ${value('refreshSalt')}::bytea, ${value('rotatedAt')}::timestamptz,
      ${value('createdAt')}::timestamptz, ${value('lastUsedAt')}::timestamptz,
      ${value('expiresAt')}::timestamptz, ${value('absoluteExpiresAt')}::timestamptz,
      ${value('authenticatedAt')}::timestamptz, ${value('secondFactorAt')}::timestamptz,
      ${value('methods')}::text[], ${users.credentialVersion}, ${value('identityId')}::uuid,
      ${value('impersonatorId')}::uuid, ${value('impersonatorSessionId')}::uuid,
      ${value('ipAddress')}::text, ${value('userAgent')}::text
    from ${users}
    where ${users.id} = ${value('userId')}::uuid
      and ${users.credentialVersion} = ${value('credentialVersion')}::integer
      and ${isNull(users.disabledAt)}
    for share
    returning ${heldRoles(sessions.userId)} as held`,
);

/** Fails the transaction with {@link SESSION_CREATED} unless the session was inserted before. */
export function assertSessionCreated(id: string): Statement<void> {
  return noRows(assertCreated({ id }));
}

const assertCreated = hotStatement<{ readonly id: string }, never>(
  (value) => sql`select assert_in_transaction(
    exists (select from ${sessions} where ${sessions.id} = ${value('id')}::uuid),
    ${sql.raw(`'${SESSION_CREATED}'`)}
  )`,
);

type Eviction = {
  readonly userId: string;
  /** The session that was just created. */
  readonly created: string;
  /** How many sessions may stay. */
  readonly keep: number;
  readonly now: Date;
};

/**
 * The newest rows of a person that an eviction reads. Each eviction leaves at most `keep` of them
 * unrevoked, so more than that exist only after sign-ins at the same moment.
 */
const ROWS_READ = 200;

/**
 * Ends the oldest live sessions beyond the number that a person may have (SE-5). Expired sessions go
 * first. The session that was just created stays: after the clock was set back, its id is older than the
 * others'. If it was not inserted, nothing is ended. Sessions of administrators who act as the person do not count.
 */
export function evictSessions(target: Eviction): Statement<void> {
  return noRows(evict(target));
}

const evict = hotStatement<Eviction, never>((value) => {
  const { where, orderBy } = rowsOfPerson(sessions, sql`${value('userId')}`);
  return sql`
    with unrevoked as materialized (
      select ${sessions.id}, ${sessions.expiresAt} > ${value('now')}::timestamptz as live
      from ${sessions}
      where ${where} and ${isNull(sessions.revokedAt)} and ${isNull(sessions.impersonatorId)}
      order by ${sql.join([...orderBy], sql`, `)} limit ${sql.raw(String(ROWS_READ))}
    ), surplus as (
      select id from unrevoked
      order by id = ${value('created')}::uuid desc, live desc, id desc offset ${value('keep')}::int
    )
    update ${sessions}
    set revoked_at = ${value('now')}::timestamptz, revoked_because = 'too-many-sessions'
    where ${sessions.id} = any(array(select id from surplus)) and ${isNull(sessions.revokedAt)}`;
});
