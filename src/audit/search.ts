import { type SQL, sql } from 'drizzle-orm';
import { type Executor, run } from '../db/executor.ts';
import { firstRow, map, rows, type Statement } from '../db/statement.ts';
import { auditEvents } from '../db/tables/audit-event.ts';
import { users } from '../db/tables/user.ts';
import { firstIdAt } from '../kernel/id.ts';
import { AUDIT_TYPES, type AuditType, isAuditType } from './event-type.ts';

/** The conditions of a search: an event must fulfill each that is given. */
export type EventSearch = {
  readonly types?: readonly AuditType[] | undefined;
  /** The account that the event is about. */
  readonly userId?: string | undefined;
  /** The person or admin token that acted. */
  readonly actorId?: string | undefined;
  readonly ipAddress?: string | undefined;
  /** From this moment on. */
  readonly after?: Date | undefined;
  /** Until this moment, exclusively. */
  readonly before?: Date | undefined;
};

/** An event with everything that administrators may see of it. */
export type FoundEvent = {
  readonly id: string;
  readonly type: AuditType;
  readonly at: Date;
  readonly userId: string | null;
  /** The address that the account has today; null without an account. */
  readonly email: string | null;
  readonly actorId: string | null;
  /** The address that the person who acted has today. */
  readonly actorEmail: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  /** The kind, the name and the reason of an actor who is not the account's owner (src/audit/record.ts). */
  readonly by: string | null;
  readonly operator: string | null;
  readonly token: string | null;
  readonly reason: string | null;
  /** True for a stranger's act on an account that was deleted since, with the origin of the request. */
  readonly wasStranger: boolean;
};

/** The place in the list: the id after which a page starts; null for the first page. */
type Page = { readonly before: string | null; readonly limit: number };

/**
 * The number of entries of an index that one page may read. With a single filter, every entry is a result. With several,
 * most entries may be discarded: without a bound, a rare type among the events of a busy address would read all of
 * them (AD-7).
 */
export const SCANNED = 5_000;

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Reads of one index in its order, the entries from `from` to before `to`. */
type Read = {
  readonly source: SQL;
  /** The order of the index, newest first. */
  readonly order: SQL;
  /** What the index does not decide. */
  readonly rest: SQL;
  /** False if every entry fulfills the search, so that the number of results bounds the number of entries. */
  readonly isBounded: boolean;
};

/** A page of events, newest first. */
export type EventPage = {
  readonly events: readonly FoundEvent[];
  /**
   * Set if the page stopped reading before it was full: the id from which on everything was read. The list goes on
   * there, so that a page never ends it silently (AD-7).
   */
  readonly readTo: string | null;
};

/**
 * Finds one page of events. Events of a type that this release does not know are left out, because the enum has no value
 * for them.
 */
export async function findEvents(
  executor: Executor,
  search: EventSearch,
  page: Page,
): Promise<EventPage> {
  const events = await run(executor, searchEvents(search, page));
  // Of two merged reads, one may have stopped above events that the other one found.
  const isMerged = search.userId === undefined && search.actorId !== undefined;
  if (events.length >= page.limit && !isMerged) return { events, readTo: null };
  const end = await run(executor, endOfScan(search, page));
  if (end === null) return { events, readTo: null };
  const read = events.filter(({ id }) => id >= end);
  return { events: read, readTo: read.length < page.limit ? end : null };
}

function searchEvents(search: EventSearch, page: Page): Statement<readonly FoundEvent[]> {
  const found = readsOf(search, page).map((read) => sql`(${resultsOf(read, page.limit)})`);
  const text = sql<FoundEvent & { readonly type: string }>`
    select e.id, e.type, e.at, e.user_id as "userId", person.email, e.actor_id as "actorId",
      actor.email as "actorEmail", e.ip_address as "ipAddress", e.user_agent as "userAgent",
      e.request_id as "requestId", e.detail ->> 'by' as by, e.detail ->> 'operator' as operator,
      e.detail ->> 'token' as token, e.detail ->> 'reason' as reason,
      e.detail ? 'stranger' as "wasStranger"
    from (
      select * from (${sql.join(found, sql` union all `)}) as found order by id desc limit ${page.limit}::int
    ) as e
    left join ${users} as person on person.id = e.user_id
    left join ${users} as actor on actor.id = e.actor_id
    order by e.id desc`;
  return map(rows(text), (events) =>
    events.flatMap((event) => (isAuditType(event.type) ? [{ ...event, type: event.type }] : [])),
  );
}

/**
 * Where a page that is not full stopped reading.
 *
 * @returns the id from which on everything was read; null if the list has no more events
 */
function endOfScan(search: EventSearch, page: Page): Statement<string | null> {
  const ends = readsOf(search, page)
    .filter(({ isBounded }) => isBounded)
    .map(
      ({ source, order }) =>
        sql`select id from (${source} order by ${order} offset ${SCANNED - 1}::int limit 1) as last`,
    );
  const newest = ends.length > 0 ? sql.join(ends, sql` union all `) : sql`select null::uuid`;
  const text = sql<{ id: string | null }>`select max(id::text) as id from (${newest}) as ends (id)`;
  return map(firstRow(text), (row) => row?.id ?? null);
}

function resultsOf({ source, order, rest, isBounded }: Read, limit: number): SQL {
  if (!isBounded) return sql`${source} order by ${order} limit ${limit}::int`;
  return sql`
    select * from (${source} order by ${order} limit ${SCANNED}::int) as ${auditEvents}
    where ${rest} order by ${order} limit ${limit}::int`;
}

const COLUMNS = sql`id, type, at, user_id, actor_id, ip_address, user_agent, request_id, detail`;

/**
 * Chooses the index by the filter that usually leaves the fewest events: a person, then an actor, then an address, then the
 * types. Only that index has the order of its read, so the planner can use no other, whatever the statistics say
 * (see rows-of-person.ts).
 */
function readsOf(search: EventSearch, page: Page): readonly Read[] {
  const { types, userId, actorId, ipAddress } = search;
  const bounds = boundsOf(search, page.before);
  const isActor = sql`actor_id = ${actorId ?? null}::uuid`;
  const isAddress = sql`ip_address = ${ipAddress ?? null}::text`;
  const isType = sql`type = any(${sql.param(types ?? Object.keys(AUDIT_TYPES))}::text[])`;
  const rest = [
    isType,
    ...(actorId === undefined ? [] : [isActor]),
    ...(ipAddress === undefined ? [] : [isAddress]),
  ];
  const bounded = (read: Pick<Read, 'source' | 'order'>): Read => ({
    ...read,
    rest: sql.join(rest, sql` and `),
    isBounded: true,
  });
  // The values are hidden from the planner (see listSecurityEvents).
  if (userId !== undefined) {
    return [bounded(readPairs(sql`user_id`, sql`(select ${userId}::uuid)`, bounds))];
  }
  if (actorId !== undefined) {
    const actor = sql`(select ${actorId}::uuid)`;
    // Acts of a person on their own account are among the events of the account: the other index leaves them out.
    return [
      bounded(readPairs(sql`actor_id`, actor, bounds, sql`and actor_id is distinct from user_id`)),
      bounded(readPairs(sql`user_id`, actor, bounds)),
    ];
  }
  if (ipAddress !== undefined) {
    const known = sql`and ip_address is not null`;
    return [bounded(readPairs(sql`ip_address`, sql`(select ${ipAddress}::text)`, bounds, known))];
  }
  return [types === undefined ? bounded(readAll(bounds)) : readTypes(types, page.limit, bounds)];
}

type Bounds = { readonly from: string; readonly to: string };

/** The ids of a page. They contain the time, so that a time is a bound, too. */
function boundsOf({ after, before }: EventSearch, cursor: string | null): Bounds {
  const until = before ? firstIdAt(before) : LAST_ID;
  return {
    from: after ? firstIdAt(after) : FIRST_ID,
    to: cursor !== null && cursor < until ? cursor : until,
  };
}

/** Partitions of other months are not read. */
function isWithin({ from, to }: Bounds): SQL {
  return sql`id >= ${from}::uuid and id < ${to}::uuid`;
}

/** Reads the index on a column and the id. */
function readPairs(
  column: SQL,
  value: SQL,
  bounds: Bounds,
  condition: SQL = sql``,
): Pick<Read, 'source' | 'order'> {
  return {
    source: sql`select ${COLUMNS} from ${auditEvents}
      where (audit_events.${column}, id) >= (${value}, ${bounds.from}::uuid)
        and (${column}, id) < (${value}, ${bounds.to}::uuid) and ${isWithin(bounds)} ${condition}`,
    order: sql`audit_events.${column} desc, id desc`,
  };
}

/** Reads the primary key. */
function readAll(bounds: Bounds): Pick<Read, 'source' | 'order'> {
  return {
    source: sql`select ${COLUMNS} from ${auditEvents} where ${isWithin(bounds)}`,
    order: sql`id desc`,
  };
}

/**
 * Reads the newest events of each type by itself and merges them. One read of all types would sort every event that
 * any of them has.
 */
function readTypes(types: readonly AuditType[], limit: number, bounds: Bounds): Read {
  const one = readPairs(sql`type`, sql`wanted.type`, bounds);
  const source = sql`select newest.* from unnest(${sql.param([...new Set(types)])}::text[]) as wanted (type)
    cross join lateral (${one.source} order by ${one.order} limit ${limit}::int) as newest`;
  return { source, order: sql`id desc`, rest: sql`true`, isBounded: false };
}

/** A rate limit that has closed for many keys lately. */
export type ClosingLimit = { readonly limit: string; readonly since: Date; readonly times: number };

/** The number of closings that is looked at. */
const CLOSINGS = 1_000;

/**
 * Finds the rate limits that closed often since a moment, most often first. Counters are keyed by hashes and say nothing of it;
 * each closing is an event. At most {@link CLOSINGS} events are read.
 */
export function listClosingLimits(
  since: Date,
  atLeast: number,
): Statement<readonly ClosingLimit[]> {
  const bounds = { from: firstIdAt(since), to: LAST_ID };
  const { source, order } = readPairs(sql`type`, sql`${CLOSED}::text`, bounds);
  return rows(sql<ClosingLimit>`
    select detail ->> 'limit' as "limit", min(at) as since, count(*)::int as times
    from (${source} order by ${order} limit ${CLOSINGS}::int) as closings
    where detail ? 'limit' group by 1 having count(*) >= ${atLeast}::int order by 3 desc, 1`);
}

const CLOSED: AuditType = 'RATE_LIMITED';
