import { and, eq, lte, type Name, type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { preparedText } from '../db/prepared.ts';
import { type PurgedPage, type PurgePage, purgePage } from '../db/purge-page.ts';
import { rateLimitCounters } from '../db/tables/rate-limit-counter.ts';
import { users } from '../db/tables/user.ts';
import type { Deps } from '../deps.ts';
import { after } from '../kernel/duration.ts';
import type { Limit, LimitRule } from '../kernel/rate-limit.ts';
import { hmac } from '../kernel/secret.ts';

/** A charge with its keys hashed. */
export type HashedLimit = {
  readonly key: Buffer;
  readonly member: string | null;
  readonly rule: LimitRule;
  readonly device?: { readonly email: string; readonly issuedAt: Date };
};

/** Addresses and IPs become keyed hashes; a dump of the counters names nobody. */
export function hashKeys(
  { keyring }: Pick<Deps, 'keyring'>,
  limits: readonly Limit[],
): HashedLimit[] {
  const [secret] = keyring.keys('rate-limit');
  return limits.map(({ rule, key: of, member, device }) => {
    const key = hmac(secret, rule.name, ...of);
    const tag = member === undefined ? null : hmac(secret, key, member).toString('base64url', 0, 9);
    return { key, member: tag, rule, ...(device && { device }) };
  });
}

/** What became of one charge; a charge after a refused one is not among the answers. */
export type CountResult = {
  readonly key: Buffer;
  readonly outcome: 'refused' | 'counted' | 'known';
  readonly opensAt: Date;
  /** On the counter, this one included. */
  readonly tries: number;
};

const OUTCOMES = ['refused', 'counted', 'known'] as const;

/** The opening of a budget that is not closed: long ago, so that a clock set back closes nothing. */
const OPEN = sql`to_timestamp(0)`;

/**
 * Counts a try on every budget, each only where the ones before it let it through, and says which
 * did: one statement, whose row locks put parallel tries in line (RL-6). A member is counted once and
 * listed with each of its tries that was let through, so that giving one back leaves the others.
 */
export async function countAttempt(
  executor: Executor,
  charges: readonly HashedLimit[],
  now: Date,
): Promise<readonly CountResult[]> {
  const statement = statementFor(
    takes,
    JSON.stringify(
      charges.map(
        ({
          member,
          device,
          rule: { allowance: tries, waits, schedules: books, refills, period: per },
        }) => [
          ...[tries, waits, member === null, device !== undefined],
          books || refills ? per : null,
          refills === true,
        ],
      ),
    ),
    () => take(charges),
  );
  const values = charges.map(({ key, member, rule: budget, device }, index) => ({
    [`key${index}`]: key,
    [`member${index}`]: member,
    [`resetsAt${index}`]: after(now, rememberedFor(budget)).toISOString(),
    ...(device && {
      [`deviceEmail${index}`]: device.email,
      [`deviceIssuedAt${index}`]: device.issuedAt.toISOString(),
    }),
  }));
  const rows = await statement(executor, Object.assign({ now: now.toISOString() }, ...values));
  return rows.map((row) => ({
    key: row.key,
    outcome: OUTCOMES[row.verdict] ?? 'refused',
    opensAt: new Date(row.opens_at),
    tries: row.tries,
  }));
}

type Counted = {
  readonly key: Buffer;
  readonly verdict: number;
  readonly opens_at: string | Date;
  readonly tries: number;
};

type Values = Readonly<Record<string, unknown>>;

/** A statement for each combination of rules there is: they are part of its text. */
type Statements<Row> = Map<string, ReturnType<typeof preparedText<Values, Row>>>;

const takes: Statements<Counted> = new Map();

function statementFor<Row>(statements: Statements<Row>, shape: string, build: () => SQL) {
  const known = statements.get(shape);
  const statement = known ?? preparedText<Values, Row>(build);
  if (!known) statements.set(shape, statement);
  return statement;
}

function take(charges: readonly HashedLimit[]): SQL {
  const name = (index: number) => sql.identifier(`charge_${index}`);
  const steps = charges.map((charge, index) => {
    const earlier = index === 0 ? null : name(index - 1);
    return sql`${name(index)} as (${countTry(charge, index, earlier)})`;
  });
  const all = charges.map((_, index) => sql`select * from ${name(index)}`);
  return sql`with ${sql.join(steps, sql`, `)} ${sql.join(all, sql` union all `)}`;
}

const PRESENT = sql`${sql.placeholder('now')}::timestamptz`;

function countTry(
  { member: tag, rule: budget, device }: Pick<HashedLimit, 'member' | 'rule' | 'device'>,
  index: number,
  earlier: Name | null,
): SQL {
  const present = PRESENT;
  const key = sql.placeholder(`key${index}`);
  const member = sql.placeholder(`member${index}`);
  const resetsAt = sql`${sql.placeholder(`resetsAt${index}`)}::timestamptz`;
  const fresh = sql`c.resets_at <= ${present}`;
  const known = sql`(${member}::text is not null and ${member}::text = any(c.members))`;
  const open = sql`c.opens_at <= ${present}`;
  const unchanged = sql`${known} or not ${open}`;
  const members = tag === null ? sql`'{}'::text[]` : sql`array[${member}::text]`;
  const inserted = sql`
    insert into ${rateLimitCounters} as c (key, tries, members, verdict, opens_at, resets_at)
    select ${key}::bytea, 1, ${members}, 1, ${OPEN}, ${resetsAt}
    ${earlier ? sql`from ${earlier} as earlier` : sql``}
    where ${earlier ? sql`earlier.verdict > 0` : sql`true`}
      and ${device ? isNotVoided(index) : sql`true`}`;
  if (budget.schedules) {
    // The first try of a window beyond the one that is full: its turn is when that one ends.
    const isNext = sql`mod(c.tries, ${sql.raw(String(budget.allowance))}) = 0`;
    const per = sql`${sql.raw(String(budget.period))} * interval '1 millisecond'`;
    return sql`${inserted}
    on conflict (key) do update set
      tries = case when ${fresh} then 1 else c.tries + 1 end,
      verdict = 1,
      opens_at = case when ${fresh} then excluded.opens_at when ${isNext} then c.resets_at
        else c.opens_at end,
      resets_at = case when ${fresh} then excluded.resets_at when ${isNext} then c.resets_at + ${per}
        else c.resets_at end
    returning c.key, c.verdict, c.opens_at, c.tries`;
  }
  if (budget.refills) {
    const { every } = refillOf(budget);
    const isCounted = sql`(${fresh} or (${open} and not ${known}))`;
    const emptyAt = sql`(greatest(c.resets_at, ${present}) + ${every})`;
    return sql`${inserted}
    on conflict (key) do update set
      tries = case when ${fresh} then 1 when ${isCounted} then c.tries + 1 else c.tries end,
      members = case when ${fresh} then excluded.members
        when ${known} or ${open} then ${newestMembers(budget)} else c.members end,
      verdict = case when ${fresh} then 1 when ${known} then 2 when ${open} then 1 else 0 end,
      opens_at = case when ${isCounted} then ${opensWhenEmptyAt(emptyAt, budget)} else c.opens_at end,
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
        else ${nextOpening(budget)} end,
      resets_at = case when ${fresh} or (${open} and ${budget.waits !== undefined})
        then excluded.resets_at else c.resets_at end
    returning c.key, c.verdict, c.opens_at, c.tries`;
}

/** How long the first try is remembered: one that a budget forgets by itself, or the whole window. */
function rememberedFor({ allowance: tries, period: per, refills }: LimitRule): number {
  return refills ? Math.ceil(per / tries) : per;
}

/** Of a budget that refills: how long one try is remembered, and all that it holds. */
function refillOf({ allowance: tries, period: per }: LimitRule): {
  readonly every: SQL;
  readonly whole: SQL;
} {
  const interval = (milliseconds: number) =>
    sql`${sql.raw(String(milliseconds))} * interval '1 millisecond'`;
  return { every: interval(per / tries), whole: interval(per) };
}

/**
 * `resets_at` of a budget that refills is when it will have forgotten every try. It lets another one through
 * as long as that is no further away than all it holds.
 */
function opensWhenEmptyAt(emptyAt: SQL, budget: LimitRule): SQL {
  const { every, whole } = refillOf(budget);
  const opensAt = sql`(${emptyAt} + ${every} - ${whole})`;
  return sql`case when ${opensAt} <= ${PRESENT} then ${OPEN} else ${opensAt} end`;
}

/**
 * A budget that refills may never be empty, so its list of members has to end: the oldest are forgotten,
 * and count again if they come back.
 */
function newestMembers({ allowance: tries }: LimitRule): SQL {
  const most = sql.raw(String(Math.max(100, 2 * tries)));
  return sql`(c.members || excluded.members)[greatest(1, cardinality(c.members) + 2 - ${most}):]`;
}

/**
 * Holds unless an undo has voided the device tokens of then (PR-12). One look-up by the address, for
 * one with an account and one without (LG-2).
 */
function isNotVoided(index: number): SQL {
  const email = sql.placeholder(`deviceEmail${index}`);
  const issuedAt = sql`${sql.placeholder(`deviceIssuedAt${index}`)}::timestamptz`;
  return sql`not exists (select from ${users} where ${users.email} = ${email}::text
    and ${users.deviceTokensVoidBefore} > ${issuedAt})`;
}

/** When the try after this one is let through; `c.tries + 1` is this one's number. */
function nextOpening(budget: LimitRule): SQL {
  const within = sql`c.tries + 1 < ${budget.allowance}`;
  const { waits } = budget;
  if (!waits) return sql`case when ${within} then ${OPEN} else c.resets_at end`;
  const doublings = sql`least(c.tries + 1 - ${budget.allowance}, 20)`;
  const wait = sql`least(${waits.longest}, ${waits.first} * power(2, ${doublings}))`;
  return sql`case when ${within} then ${OPEN}
    when c.tries + 1 >= ${waits.most} then excluded.resets_at
    else ${PRESENT} + ${wait} * interval '1 millisecond' end`;
}

/** When the turn of the newest try is, on budgets of which one may book; at the earliest now. */
export function scheduledTime(charges: readonly HashedLimit[], now: Date): SQL<Date> {
  const present = sql`${now.toISOString()}::timestamptz`;
  const keys = charges
    .filter(({ rule: budget }) => budget.schedules)
    .map(({ key }) => sql`${key}::bytea`);
  if (keys.length === 0) return sql`${present}`;
  return sql`greatest(${present}, (select max(c.opens_at) from ${rateLimitCounters} as c
    where c.key in (${sql.join(keys, sql`, `)})))`;
}

/** Holds when the newest try on every one of these budgets was let through. */
export function allAllowed(charges: readonly Pick<HashedLimit, 'key'>[]): SQL {
  const keys = charges.map(({ key }) => sql`${key}::bytea`);
  return sql`not exists (select from ${rateLimitCounters} as c
    where c.key in (${sql.join(keys, sql`, `)}) and c.verdict = 0)`;
}

/** A charge to be given back. */
type Given = Pick<HashedLimit, 'key' | 'member'> & {
  /** Its try succeeded: the other tries of its member count no more than this one. */
  readonly succeeded: boolean;
  /** Nothing that the budget counted means anything any more. */
  readonly everything: boolean;
  readonly budget: LimitRule;
};

/**
 * Gives one try back and opens the budget again; of a budget of consecutive failures, which is over
 * with the first success, all of them. Takes the rows in the order of the charges, as countAttempt does:
 * tries of one account from one source would otherwise block each other.
 *
 * A budget of members counted a member once, so it gives it back once, with the last of its tries:
 * otherwise five right passwords at once would take off five accounts where one was counted, and a
 * try called off would take off the account that another beside it is judged for (RL-4).
 */
export async function refundAttempt(
  executor: Executor,
  charges: readonly Given[],
  now: Date,
): Promise<void> {
  const statement = statementFor(gives, String(charges.length), () => give(charges.length));
  const values = charges.map(({ key, member, succeeded, everything, budget }, index) => ({
    [`key${index}`]: key,
    [`member${index}`]: member ?? '',
    [`succeeded${index}`]: succeeded,
    [`everything${index}`]: everything,
    [`every${index}`]: budget.refills ? budget.period / budget.allowance : null,
    [`whole${index}`]: budget.period,
  }));
  await statement(executor, Object.assign({ now: now.toISOString() }, ...values));
}

const gives: Statements<unknown> = new Map();

function give(count: number): SQL {
  const given = (name: string) => sql.placeholder(name);
  const rows = Array.from(
    { length: count },
    (_, index) =>
      sql`(${index}::int, ${given(`key${index}`)}::bytea, ${given(`member${index}`)}::text,
        ${given(`succeeded${index}`)}::boolean, ${given(`everything${index}`)}::boolean,
        ${given(`every${index}`)}::float8 * interval '1 millisecond',
        ${given(`whole${index}`)}::float8 * interval '1 millisecond')`,
  );
  const others = sql`case when given.succeeded then 0
    else greatest(cardinality(array_positions(c.members, given.member)) - 1, 0) end`;
  const isGiven = sql`(given.member = '' or (given.member = any(c.members) and ${others} = 0))`;
  return sql`
    with given (place, key, member, succeeded, everything, every, whole) as (values ${sql.join(rows, sql`, `)}),
    held as materialized (select c.key from ${rateLimitCounters} as c join given using (key)
      order by given.place for no key update of c)
    update ${rateLimitCounters} as c
    set tries = case when given.everything then 0 when ${isGiven} then greatest(c.tries - 1, 0)
        else c.tries end,
      members = array_remove(c.members, given.member) || array_fill(given.member, array[${others}]),
      opens_at = case when given.everything then ${OPEN} when not ${isGiven} then c.opens_at
        when given.every is null or c.resets_at - given.whole <= ${PRESENT} then ${OPEN}
        else c.resets_at - given.whole end,
      resets_at = case when given.everything then ${PRESENT}
        when ${isGiven} and given.every is not null then c.resets_at - given.every
        else c.resets_at end
    from given join held using (key)
    where c.key = given.key`;
}

/** A counter of consecutive failures as one try left it, which is to be given back. */
export type CounterState = {
  readonly key: Buffer;
  readonly tries: number;
  readonly resetsAt: Date;
};

/**
 * Gives one try back late, and opens the budget again, where nothing has happened to the counter
 * since: what was counted or forgiven meanwhile is not this try's to undo (RL-2). Once, however often
 * it is called.
 */
export async function refundIfUnchanged(
  executor: Executor,
  { key, tries, resetsAt }: CounterState,
): Promise<void> {
  const c = rateLimitCounters;
  await executor
    .update(c)
    .set({ tries: tries - 1, opensAt: OPEN })
    .where(and(eq(c.key, key), eq(c.tries, tries), eq(c.resetsAt, resetsAt)));
}

/** Removes the counters that mean nothing any more. */
export function purgeCounters(executor: Executor, page: PurgePage): Promise<PurgedPage> {
  const { key, resetsAt } = rateLimitCounters;
  return purgePage(
    executor,
    { table: rateLimitCounters, key, isOver: lte(resetsAt, page.now) },
    page,
  );
}
