import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { met } from '../db/one-trip.ts';
import { prepared, preparedText } from '../db/prepared.ts';
import { rowsOfPerson } from '../db/rows-of-person.ts';
import { type Session, sessions } from '../db/tables/session.ts';
import { users } from '../db/tables/user.ts';
import { at } from './store.ts';

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
export async function requireInserted(tx: Executor, id: string): Promise<void> {
  await demandInserted(tx, { id });
}

/** What a new session says of itself. */
type NewRow = {
  readonly id: string;
  readonly userId: string;
  readonly refreshHash: Buffer;
  readonly refreshSalt: Buffer;
  readonly rotatedAt: Date;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly absoluteExpiresAt: Date;
  readonly authenticatedAt: Date;
  /** ISO 8601: a column's encoder takes no null. */
  readonly secondFactorAt: string | null;
  readonly methods: readonly string[];
  readonly credentialVersion: number;
  readonly identityId: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
};

const insert = prepared<NewRow>()((executor) => {
  const given = (name: keyof NewRow) => sql.placeholder(name);
  const moment = (name: keyof NewRow) => at(sql.param(given(name), sessions.createdAt));
  return executor
    .insert(sessions)
    .select(
      executor
        .select({
          id: sql`${given('id')}::uuid`.as('id'),
          userId: users.id,
          refreshHash: sql`${given('refreshHash')}::bytea`.as('refresh_hash'),
          previousRefreshHash: sql`null::bytea`.as('previous_refresh_hash'),
          refreshSalt: sql`${given('refreshSalt')}::bytea`.as('refresh_salt'),
          rotatedAt: moment('rotatedAt').as('rotated_at'),
          createdAt: moment('createdAt').as('created_at'),
          lastUsedAt: moment('lastUsedAt').as('last_used_at'),
          expiresAt: moment('expiresAt').as('expires_at'),
          absoluteExpiresAt: moment('absoluteExpiresAt').as('absolute_expires_at'),
          authenticatedAt: moment('authenticatedAt').as('authenticated_at'),
          secondFactorAt: sql`${given('secondFactorAt')}::timestamptz`.as('second_factor_at'),
          methods: sql`${sql.param(given('methods'), sessions.methods)}::text[]`.as('methods'),
          credentialVersion: users.credentialVersion,
          identityId: sql`${given('identityId')}::uuid`.as('identity_id'),
          refreshes: sql`0`.as('refreshes'),
          refreshesResetAt: sql`null::timestamptz`.as('refreshes_reset_at'),
          revokedAt: sql`null::timestamptz`.as('revoked_at'),
          revokedBecause: sql`null::text`.as('revoked_because'),
          ipAddress: sql`${given('ipAddress')}::text`.as('ip_address'),
          userAgent: sql`${given('userAgent')}::text`.as('user_agent'),
        })
        .from(users)
        .where(
          and(
            eq(users.id, given('userId')),
            eq(users.credentialVersion, given('credentialVersion')),
            isNull(users.disabledAt),
          ),
        )
        .for('share'),
    )
    .returning({ id: sessions.id })
    .prepare('insert_session');
});

const demandInserted = preparedText<{ readonly id: string }, unknown>(() =>
  met(sql`exists (select from ${sessions} where ${sessions.id} = ${sql.placeholder('id')})`),
);

/**
 * Ends the oldest live sessions beyond the number a person may have (SE-5), those that are over before
 * them, and never the one just started: after the clock was set back its id is older than the others'. When it was not started
 * there is nothing to end.
 */
export async function evictSessions(executor: Executor, target: Eviction): Promise<number> {
  return (await evict(executor, target)).length;
}

/** Whose sessions, which one was just started, and how many may stay. */
export type Eviction = {
  readonly userId: string;
  readonly started: string;
  readonly keep: number;
  readonly now: Date;
};

/**
 * The newest rows of a person that an eviction looks at. Each eviction leaves at most `keep` of them
 * unrevoked, so more than that are there only after sign-ins at the same moment.
 */
const LOOKED_AT = 200;

const evict = preparedText<Eviction, { readonly id: string }>(() => {
  const given = (name: keyof Eviction) => sql.placeholder(name);
  const now = at(sql.param(given('now'), sessions.expiresAt));
  const { where, orderBy } = rowsOfPerson(sessions, sql`${given('userId')}`);
  return sql`
    with unrevoked as materialized (
      select ${sessions.id}, ${sessions.expiresAt} > ${now} as live from ${sessions}
      where ${where} and ${isNull(sessions.revokedAt)}
      order by ${sql.join([...orderBy], sql`, `)} limit ${sql.raw(String(LOOKED_AT))}
    ), surplus as (
      select id from unrevoked
      order by id = ${given('started')}::uuid desc, live desc, id desc offset ${given('keep')}::int
    )
    update ${sessions} set revoked_at = ${now}, revoked_because = 'too-many-sessions'
    where ${sessions.id} = any(array(select id from surplus)) and ${isNull(sessions.revokedAt)}
    returning ${sessions.id}`;
});
