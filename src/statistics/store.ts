import { and, asc, eq, gt, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { AuditType } from '../audit/event-type.ts';
import { build, firstRow, map, noRows, rows, type Statement } from '../db/statement.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import { passkeys } from '../db/tables/passkey.ts';
import { sessions } from '../db/tables/session.ts';
import {
  type StatisticsHour,
  type StatisticsTotals,
  statisticsHours,
  statisticsTotals,
} from '../db/tables/statistics.ts';
import { users } from '../db/tables/user.ts';
import { isLive } from '../session/store.ts';

/** The row of `statistics_totals`. */
const TASK = 'statistics';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Makes the row of the totals, unless there is one. */
export function insertProgress(): Statement<void> {
  return noRows(build.insert(statisticsTotals).values({ task: TASK }).onConflictDoNothing());
}

/**
 * Locks the progress until the transaction ends. Whoever counts next begins where this transaction ends, so that each event
 * counts once, whoever holds the lease.
 *
 * @returns the last id that was counted; null before the first, or if there is no row
 */
export function lockProgress(): Statement<string | null> {
  const locked = build
    .select({ countedTo: statisticsTotals.countedTo })
    .from(statisticsTotals)
    .where(eq(statisticsTotals.task, TASK))
    .for('no key update');
  return map(firstRow(locked), (row) => row?.countedTo ?? null);
}

/** Every event up to this id is counted. */
export function setProgress(countedTo: string): Statement<void> {
  return noRows(
    build.update(statisticsTotals).set({ countedTo }).where(eq(statisticsTotals.task, TASK)),
  );
}

/** The totals and the progress; null before the first pass. */
export function findTotals(): Statement<StatisticsTotals | null> {
  return firstRow(build.select().from(statisticsTotals).where(eq(statisticsTotals.task, TASK)));
}

/** A batch of events in the order of their ids: those after one id and before another. */
export type Batch = {
  readonly after: string | null;
  readonly before: string;
  readonly limit: number;
};

/** What a batch has read. If it has read fewer events than its limit, there are no more. */
export type CountedBatch = { readonly seen: number; readonly last: string | null };

const isType = (type: AuditType) => sql`type = ${sql.raw(`'${type}'`)}`;
/** Not from within a session: the failure of a sign-in, and not of adding or linking something. */
const isAtSignIn = sql`session_id is null`;
/** Not an account that an administrator made for somebody. */
const isNewAccount = sql`(${isType('ACCOUNT_CREATED')} and not detail ? 'by')`;
/** A session that an administrator begins for somebody is no sign-in of that person. */
const isOwnSignIn = sql`(${isType('SIGNED_IN')} and actor_id is not distinct from user_id)`;

/** What each column of `statistics_hours` counts. */
const COUNTS: Readonly<Record<Exclude<keyof StatisticsHour, 'hour'>, SQL>> = {
  registrations: isNewAccount,
  signIns: isOwnSignIn,
  failedSignIns: sql`(${isType('SIGN_IN_FAILED')}
    or ${isAtSignIn} and (${isType('OAUTH_FAILED')} or ${isType('PASSKEY_FAILED')}))`,
  secondFactorFailures: isType('SECOND_FACTOR_FAILED'),
  passwordResets: isType('PASSWORD_RESET'),
};

/**
 * Counts a batch of events: adds to the hours in which they happened, and notes the last sign-in of each person. People are
 * locked in the order of their ids, like everywhere else: two transactions that lock the same people would otherwise
 * wait for each other.
 */
export function countBatch({ after, before, limit }: Batch): Statement<CountedBatch> {
  const columns = Object.keys(COUNTS).map((name) => statisticsHours[name as keyof typeof COUNTS]);
  const names = columns.map(({ name }) => sql.identifier(name));
  const counts = Object.values(COUNTS).map(
    (condition) => sql`count(*) filter (where ${condition})`,
  );
  const sums = names.map((name) => sql`${name} = h.${name} + excluded.${name}`);
  const isCounted = sql.join(Object.values(COUNTS), sql` or `);
  const text = sql<CountedBatch>`
    with page as materialized (
      select id, type, at, user_id, actor_id, session_id, detail from ${auditEvents}
      where id > ${after ?? FIRST_ID}::uuid and id < ${before}::uuid order by id limit ${limit}::int
    ), counted as (
      insert into ${statisticsHours} as h (hour, ${sql.join(names, sql`, `)})
      select date_trunc('hour', at, 'UTC'), ${sql.join(counts, sql`, `)}
      from page where ${isCounted} group by 1 order by 1
      on conflict (hour) do update set ${sql.join(sums, sql`, `)}
    ), signed_in as materialized (
      select user_id, max(at) as at from page where ${isOwnSignIn} and user_id is not null group by 1
    ), locked as materialized (
      select id from ${users} where id = any(array(select user_id from signed_in))
      order by id for no key update
    ), noted as (
      update ${users} set last_sign_in_at = greatest(last_sign_in_at, signed_in.at)
      from signed_in join locked on locked.id = signed_in.user_id where ${users.id} = locked.id
    )
    select count(*)::int as seen, max(id::text) as last from page`;
  return map(firstRow(text), (row) => row ?? { seen: 0, last: null });
}

/** The hours of a time that have counts, oldest first. */
export function listHours(between: {
  readonly from: Date;
  readonly to: Date;
}): Statement<readonly StatisticsHour[]> {
  const { hour } = statisticsHours;
  return rows(
    build
      .select()
      .from(statisticsHours)
      .where(and(gte(hour, between.from), lt(hour, between.to)))
      .orderBy(asc(hour)),
  );
}

/** The totals without their time. */
export type Totals = Omit<StatisticsTotals, 'task' | 'countedTo' | 'at'>;

/** A part of the totals, from one page of a table in the order of its primary key. */
export type PartialTotals<Part> = Part & { readonly seen: number; readonly last: string | null };

type Page = { readonly after: string | null; readonly limit: number };

/** Counts the people of a page. */
export function countPeople(page: Page): Statement<PartialTotals<Omit<Totals, 'liveSessions'>>> {
  const hasPasskey = sql`exists (select from ${passkeys} where ${passkeys.userId} = ${users.id})`;
  return countPage(page, users, users.id, {
    users: sql`true`,
    verified: sql`${users.emailVerifiedAt} is not null`,
    withSecondFactor: sql`${users.hasSecondFactor}`,
    withPasskey: hasPasskey,
    disabled: sql`${users.disabledAt} is not null`,
  });
}

/** Counts the live sessions of a page. */
export function countSessions(
  page: Page,
  now: Date,
): Statement<PartialTotals<Pick<Totals, 'liveSessions'>>> {
  const live = sql`exists (select from ${users} where ${users.id} = ${sessions.userId} and ${isLive(now)})`;
  return countPage(page, sessions, sessions.id, { liveSessions: live });
}

function countPage<Name extends string>(
  { after, limit }: Page,
  table: PgTable,
  key: PgColumn,
  conditions: Readonly<Record<Name, SQL>>,
): Statement<PartialTotals<Record<Name, number>>> {
  const entries = Object.entries<SQL>(conditions);
  const selected = entries.map(([name, is]) => sql`(${is}) as ${sql.identifier(name)}`);
  const counted = entries.map(([name]) => {
    const column = sql.identifier(name);
    return sql`(count(*) filter (where ${column}))::int as ${column}`;
  });
  const text = sql<PartialTotals<Record<Name, number>>>`
    select count(*)::int as seen, max(key::text) as last, ${sql.join(counted, sql`, `)}
    from (
      select ${key} as key, ${sql.join(selected, sql`, `)} from ${table}
      where ${gt(key, after ?? FIRST_ID)} order by ${key} limit ${limit}::int
    ) as page`;
  const nothing = Object.fromEntries(entries.map(([name]) => [name, 0])) as Record<Name, number>;
  return map(firstRow(text), (row) => row ?? { seen: 0, last: null, ...nothing });
}

/** Stores the totals. */
export function putTotals(totals: Totals & { readonly at: Date }): Statement<void> {
  const { task } = statisticsTotals;
  return noRows(
    build
      .insert(statisticsTotals)
      .values({ task: TASK, ...totals })
      .onConflictDoUpdate({ target: task, set: totals }),
  );
}
