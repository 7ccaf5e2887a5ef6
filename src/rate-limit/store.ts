import { and, eq, lte, type Name, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import { assertion } from '../db/pipeline.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { build, hotStatement, map, noRows, type Statement } from '../db/statement.ts';
import { rateLimitCounters } from '../db/tables/rate-limit-counter.ts';
import { users } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import type { Limit, LimitRule } from '../kernel/rate-limit.ts';
import { hmac } from '../kernel/secret.ts';

/** A limit whose key and member are hashed, as the database knows them. */
export type HashedLimit = {
  readonly key: Buffer;
  readonly member: string | null;
  readonly rule: LimitRule;
  readonly device?: { readonly email: string; readonly issuedAt: Date };
};

/** Addresses and IPs become keyed hashes: a dump of the counters names nobody. */
export function hashKeys(
  { keyring }: Pick<Deps, 'keyring'>,
  limits: readonly Limit[],
): HashedLimit[] {
  const [secret] = keyring.keys('rate-limit');
  return limits.map(({ rule, key: parts, member, device }) => {
    const key = hmac(secret, rule.name, ...parts);
    const tag = member === undefined ? null : hmac(secret, key, member).toString('base64url', 0, 9);
    return { key, member: tag, rule, ...(device && { device }) };
  });
}

/** The decision of one limit. If a limit rejects, the limits after it are not among the results. */
export type CountResult = {
  readonly key: Buffer;
  readonly outcome: 'refused' | 'counted' | 'known';
  readonly opensAt: Date;
  /** On the counter, this attempt included. */
  readonly tries: number;
};

const OUTCOMES = ['refused', 'counted', 'known'] as const;

/** The opening of a limit that is not closed: long ago, so that a clock set back closes nothing. */
const OPEN = sql`to_timestamp(0)`;

/**
 * Counts an attempt toward every limit, each only if the limits before it allowed the attempt, and returns
 * what they decided. It is one statement, and its row locks make parallel attempts wait for each other
 * (RL-6). A member is counted once, and listed once for each of its attempts that was allowed, so that
 * refunding one attempt leaves the others.
 */
export function countAttempt(
  limits: readonly HashedLimit[],
  now: Date,
): Statement<readonly CountResult[]> {
  const shape = JSON.stringify(
    limits.map(({ member, device, rule: { allowance, waits, schedules, refills, period } }) => [
      ...[allowance, waits, member === null, device !== undefined],
      schedules || refills ? period : null,
      refills === true,
    ]),
  );
  const values = limits.map(({ key, member, rule, device }, index) => ({
    [`key${index}`]: key,
    [`member${index}`]: member,
    [`resetsAt${index}`]: after(now, rememberedFor(rule)),
    ...(device && {
      [`deviceEmail${index}`]: device.email,
      [`deviceIssuedAt${index}`]: device.issuedAt,
    }),
  }));
  const statement = statementFor<CountRow>('count', shape, (value) => countText(limits, value));
  return map(statement(Object.assign({ now }, ...values)), (rows) =>
    rows.map(({ key, verdict, opens_at: opensAt, tries }) => ({
      ...{ key, tries, opensAt },
      outcome: OUTCOMES[verdict] ?? 'refused',
    })),
  );
}

type CountRow = {
  readonly key: Buffer;
  readonly verdict: number;
  readonly opens_at: Date;
  readonly tries: number;
};

type Values = Readonly<Record<string, unknown>>;

/** Names a parameter of a statement. */
type Value = (name: string) => SQLWrapper;

type Hot = (values: Values) => Statement<readonly unknown[]>;

/** One statement for each combination of rules that is used: the rules are part of its text. */
const statements = new Map<string, Hot>();

function statementFor<Row>(
  kind: string,
  shape: string,
  write: (value: Value) => SQL,
): (values: Values) => Statement<readonly Row[]> {
  const known = statements.get(kind + shape);
  const statement = known ?? hotStatement<Values, Row>(write);
  if (!known) statements.set(kind + shape, statement);
  return statement as (values: Values) => Statement<readonly Row[]>;
}

function countText(limits: readonly HashedLimit[], value: Value): SQL {
  const name = (index: number) => sql.identifier(`limit_${index}`);
  const steps = limits.map((limit, index) => {
    const earlier = index === 0 ? null : name(index - 1);
    return sql`${name(index)} as (${countOne(limit, index, earlier, value)})`;
  });
  const all = limits.map((_, index) => sql`select * from ${name(index)}`);
  return sql`with ${sql.join(steps, sql`, `)} ${sql.join(all, sql` union all `)}`;
}

function countOne(
  { member: tag, rule, device }: Pick<HashedLimit, 'member' | 'rule' | 'device'>,
  index: number,
  earlier: Name | null,
  value: Value,
): SQL {
  const present = sql`${value('now')}::timestamptz`;
  const key = value(`key${index}`);
  const member = value(`member${index}`);
  const resetsAt = sql`${value(`resetsAt${index}`)}::timestamptz`;
  const fresh = sql`c.resets_at <= ${present}`;
  const known = sql`(${member}::text is not null and ${member}::text = any(c.members))`;
  const open = sql`c.opens_at <= ${present}`;
  const unchanged = sql`${known} or not ${open}`;
  const members = tag === null ? sql`'{}'::text[]` : sql`array[${member}::text]`;
  const inserted = sql`
    insert into ${rateLimitCounters} as c (key, tries, members, verdict, opens_at, resets_at)
    select ${key}::bytea, 1, ${members}, 1, ${firstOpening(rule, resetsAt)}, ${resetsAt}
    ${earlier ? sql`from ${earlier} as earlier` : sql``}
    where ${earlier ? sql`earlier.verdict > 0` : sql`true`}
      and ${device ? isNotVoided(index, value) : sql`true`}`;
  if (rule.schedules) {
    // The first attempt beyond a period that is full: it is scheduled for the end of that period.
    const isNext = sql`mod(c.tries, ${sql.raw(String(rule.allowance))}) = 0`;
    const period = sql`${sql.raw(String(rule.period))} * interval '1 millisecond'`;
    return sql`${inserted}
    on conflict (key) do update set
      tries = case when ${fresh} then 1 else c.tries + 1 end,
      verdict = 1,
      opens_at = case when ${fresh} then excluded.opens_at when ${isNext} then c.resets_at
        else c.opens_at end,
      resets_at = case when ${fresh} then excluded.resets_at when ${isNext} then c.resets_at + ${period}
        else c.resets_at end
    returning c.key, c.verdict, c.opens_at, c.tries`;
  }
  if (rule.refills) {
    const { every } = refillOf(rule);
    const isCounted = sql`(${fresh} or (${open} and not ${known}))`;
    const emptyAt = sql`(greatest(c.resets_at, ${present}) + ${every})`;
    return sql`${inserted}
    on conflict (key) do update set
      tries = case when ${fresh} then 1 when ${isCounted} then c.tries + 1 else c.tries end,
      members = case when ${fresh} then excluded.members
        when ${known} or ${open} then ${newestMembers(rule)} else c.members end,
      verdict = case when ${fresh} then 1 when ${known} then 2 when ${open} then 1 else 0 end,
      opens_at = case when ${isCounted} then ${opensWhenEmptyAt(emptyAt, rule, present)} else c.opens_at end,
      resets_at = case when ${isCounted} then ${emptyAt} else c.resets_at end
    returning c.key, c.verdict, c.opens_at, c.tries`;
  }
  return sql`${inserted}
    on conflict (key) do update set
      tries = case when ${fresh} then 1 when ${unchanged} then c.tries else c.tries + 1 end,
      members = case when ${fresh} then excluded.members
        when ${known} or ${open} then c.members || excluded.members else c.members end,
      verdict = case when ${fresh} then 1 when ${known} then 2 when ${open} then 1 else 0 end,
      opens_at = case when ${fresh} then excluded.opens_at when ${unchanged} then c.opens_at
        else ${nextOpening(rule, present)} end,
      resets_at = case when ${fresh} or (${open} and ${rule.waits !== undefined})
        then excluded.resets_at else c.resets_at end
    returning c.key, c.verdict, c.opens_at, c.tries`;
}

/** When the attempt after the first one is allowed. */
function firstOpening({ allowance }: LimitRule, resetsAt: SQL): SQL {
  return allowance === 1 ? resetsAt : OPEN;
}

/** How long the first attempt is remembered: until the rule forgets one attempt, or the whole period. */
function rememberedFor({ allowance, period, refills }: LimitRule): number {
  return refills ? Math.ceil(period / allowance) : period;
}

/**
 * For a rule that refills: the time after which one attempt is forgotten, and the time after which the whole
 * allowance is.
 */
function refillOf({ allowance, period }: LimitRule): { readonly every: SQL; readonly whole: SQL } {
  const interval = (milliseconds: number) =>
    sql`${sql.raw(String(milliseconds))} * interval '1 millisecond'`;
  return { every: interval(period / allowance), whole: interval(period) };
}

/**
 * For a rule that refills, `resets_at` is the time at which the rule has forgotten every attempt. The rule
 * allows another attempt if that time is at most its whole period away.
 */
function opensWhenEmptyAt(emptyAt: SQL, rule: LimitRule, present: SQL): SQL {
  const { every, whole } = refillOf(rule);
  const opensAt = sql`(${emptyAt} + ${every} - ${whole})`;
  return sql`case when ${opensAt} <= ${present} then ${OPEN} else ${opensAt} end`;
}

/**
 * A limit that refills may never be empty, so its list of members must be bounded: the oldest members are
 * forgotten, and count again if they come back.
 */
function newestMembers({ allowance }: LimitRule): SQL {
  const most = sql.raw(String(Math.max(100, 2 * allowance)));
  return sql`(c.members || excluded.members)[greatest(1, cardinality(c.members) + 2 - ${most}):]`;
}

/**
 * True unless an undo has voided the device tokens issued until then (PR-12). It is one look-up by the
 * address, the same for an address with an account and without one (LG-2).
 */
function isNotVoided(index: number, value: Value): SQL {
  const email = value(`deviceEmail${index}`);
  const issuedAt = sql`${value(`deviceIssuedAt${index}`)}::timestamptz`;
  return sql`not exists (select from ${users} where ${users.email} = ${email}::text
    and ${users.deviceTokensVoidBefore} > ${issuedAt})`;
}

/** When the attempt after this one is allowed; `c.tries + 1` is the number of this one. */
function nextOpening({ allowance, waits }: LimitRule, present: SQL): SQL {
  const isWithin = sql`c.tries + 1 < ${allowance}`;
  if (!waits) return sql`case when ${isWithin} then ${OPEN} else c.resets_at end`;
  const doublings = sql`least(c.tries + 1 - ${allowance}, 20)`;
  const wait = sql`least(${waits.longest}, ${waits.first} * power(2, ${doublings}))`;
  return sql`case when ${isWithin} then ${OPEN}
    when c.tries + 1 >= ${waits.most} then excluded.resets_at
    else ${present} + ${wait} * interval '1 millisecond' end`;
}

/** When the newest attempt of the limits that schedule may take place; at the earliest now. */
export function scheduledTime(limits: readonly HashedLimit[], now: Date): SQL<Date> {
  const present = sql`${now.toISOString()}::timestamptz`;
  const keys = limits.filter(({ rule }) => rule.schedules).map(({ key }) => sql`${key}::bytea`);
  if (keys.length === 0) return sql`${present}`;
  return sql`greatest(${present}, (select max(c.opens_at) from ${rateLimitCounters} as c
    where c.key in (${sql.join(keys, sql`, `)})))`;
}

/** True if every one of these limits allowed its newest attempt. */
export function allAllowed(limits: readonly Pick<HashedLimit, 'key'>[]): SQL {
  return noneRefused(limits.map(({ key }) => sql`${key}`));
}

function noneRefused(keys: readonly SQLWrapper[]): SQL {
  return sql`not exists (select from ${rateLimitCounters} as c
    where c.key in (${sql.join(
      keys.map((key) => sql`${key}::bytea`),
      sql`, `,
    )}) and c.verdict = 0)`;
}

/** Fails its transaction unless every one of these limits allowed its newest attempt. */
export function assertAllowed(limits: readonly Pick<HashedLimit, 'key'>[]): Statement<void> {
  const statement = statementFor('assert', String(limits.length), (value) =>
    assertion('rate-limit', noneRefused(limits.map((_, index) => value(`key${index}`)))),
  );
  const values = limits.map(({ key }, index) => [`key${index}`, key] as const);
  return noRows(statement(Object.fromEntries(values)));
}

/** One limit that an attempt is refunded on. */
export type Refund = Pick<HashedLimit, 'key' | 'member' | 'rule'> & {
  /** The attempt succeeded: the other attempts of its member count no more than this one. */
  readonly succeeded: boolean;
  /** Forgets everything that the limit has counted. */
  readonly resets: boolean;
};

/**
 * Refunds one attempt and opens the limits again. A limit of failures in a row, which end with the first
 * success, forgets all of them. The rows are locked in the order of the limits, as countAttempt locks them:
 * otherwise attempts of one account from one source would block each other.
 *
 * A limit of members counted a member once, so it refunds the member once, with the last of its attempts.
 * Otherwise five right passwords at once would refund five accounts where one was counted, and an attempt
 * that is aborted would refund the account that another attempt is verified for (RL-4).
 */
export function refundAttempt(refunds: readonly Refund[], now: Date): Statement<void> {
  const values = refunds.map(({ key, member, succeeded, resets, rule }, index) => ({
    [`key${index}`]: key,
    [`member${index}`]: member ?? '',
    [`succeeded${index}`]: succeeded,
    [`resets${index}`]: resets,
    [`every${index}`]: rule.refills ? rule.period / rule.allowance : null,
    [`whole${index}`]: rule.period,
  }));
  const statement = statementFor('refund', String(refunds.length), (value) =>
    refundText(refunds.length, value),
  );
  return noRows(statement(Object.assign({ now }, ...values)));
}

function refundText(count: number, value: Value): SQL {
  const present = sql`${value('now')}::timestamptz`;
  const rows = Array.from(
    { length: count },
    (_, index) =>
      sql`(${index}::int, ${value(`key${index}`)}::bytea, ${value(`member${index}`)}::text,
        ${value(`succeeded${index}`)}::boolean, ${value(`resets${index}`)}::boolean,
        ${value(`every${index}`)}::float8 * interval '1 millisecond',
        ${value(`whole${index}`)}::float8 * interval '1 millisecond')`,
  );
  const others = sql`case when refund.succeeded then 0
    else greatest(cardinality(array_positions(c.members, refund.member)) - 1, 0) end`;
  const isRefunded = sql`(refund.member = '' or (refund.member = any(c.members) and ${others} = 0))`;
  return sql`
    with refund (position, key, member, succeeded, resets, every, whole) as (values ${sql.join(rows, sql`, `)}),
    locked as materialized (select c.key from ${rateLimitCounters} as c join refund using (key)
      order by refund.position for no key update of c)
    update ${rateLimitCounters} as c
    set tries = case when refund.resets then 0 when ${isRefunded} then greatest(c.tries - 1, 0)
        else c.tries end,
      members = array_remove(c.members, refund.member) || array_fill(refund.member, array[${others}]),
      opens_at = case when refund.resets then ${OPEN} when not ${isRefunded} then c.opens_at
        when refund.every is null or c.resets_at - refund.whole <= ${present} then ${OPEN}
        else c.resets_at - refund.whole end,
      resets_at = case when refund.resets then ${present}
        when ${isRefunded} and refund.every is not null then c.resets_at - refund.every
        else c.resets_at end
    from refund join locked using (key)
    where c.key = refund.key`;
}

/** A counter of failures in a row as one attempt left it, for a deferred refund. */
export type CounterState = {
  readonly key: Buffer;
  readonly tries: number;
  readonly resetsAt: Date;
};

/**
 * Refunds one attempt late, and opens the limit again, if the counter has not changed since: what was
 * counted or forgotten meanwhile must stay (RL-2). Has no effect the second time.
 */
export function refundIfUnchanged({ key, tries, resetsAt }: CounterState): Statement<void> {
  const c = rateLimitCounters;
  return noRows(
    build
      .update(c)
      .set({ tries: tries - 1, opensAt: OPEN })
      .where(and(eq(c.key, key), eq(c.tries, tries), eq(c.resetsAt, resetsAt))),
  );
}

/** Removes the counters that have forgotten everything. */
export function purgeCounters(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { key, resetsAt } = rateLimitCounters;
  return run(
    executor,
    purgePage({ table: rateLimitCounters, key, isExpired: lte(resetsAt, page.now) }, page),
  );
}
