import { type Placeholder, type SQL, sql } from 'drizzle-orm';
import { columnsOf, withColumn } from '../../db/selection.ts';
import { hotStatement, map, type Statement } from '../../db/statement.ts';
import { userRoles } from '../../db/tables/role.ts';
import { type User, users } from '../../db/tables/user.ts';
import type { TimeAndId } from '../graphql/connection.ts';

/** The order of a list of people: by registration, or by their last sign-in. */
export type UserOrder = 'CREATED_DESC' | 'CREATED_ASC' | 'LAST_SIGN_IN_DESC';

/** Which people a list has. Null leaves a condition out. */
export type UserFilter = {
  /** In canonical form (LG-7). */
  readonly emailPrefix: string | null;
  readonly role: string | null;
  readonly disabled: boolean | null;
  readonly verified: boolean | null;
  readonly hasSecondFactor: boolean | null;
  readonly createdAfter: Date | null;
  readonly createdBefore: Date | null;
  /** Whoever has never signed in counts from the registration. */
  readonly lastSignInBefore: Date | null;
};

/** One page of a list. */
export type UsersWanted = {
  readonly filter: UserFilter;
  readonly order: UserOrder;
  readonly after: TimeAndId | null;
  readonly limit: number;
};

/** A person with the place in the list's order. */
type ListedUser = User & { readonly place: TimeAndId };

/** The people of a page. `scannedTo` is the last place that was looked at, if that was not enough to fill the page. */
export type UsersFound = {
  readonly people: readonly ListedUser[];
  readonly scannedTo: TimeAndId | null;
};

/**
 * How many people a page looks at in the order of the list. Each filter has an index in that order, so that alone it is
 * served by as many rows as the page has. Of several filters one index serves one: people whom it finds and the others
 * exclude could be a million. After this many the page ends, and says so.
 */
export const MOST_SCANNED = 5_000;

/** How many people are sorted for a filter whose index is in another order than the list. */
export const MOST_SORTED = 5_000;

/**
 * Reads a page in the order of the list, through the index of the one filter that excludes the most people. The others
 * decide row by row.
 */
export function scanUsers(wanted: UsersWanted): Statement<UsersFound> {
  const { order } = wanted;
  const scan =
    order === 'LAST_SIGN_IN_DESC' ? SCAN_BY_SIGN_IN : SCANS[order][drivingFilter(wanted)];
  return map(scan(valuesOf(wanted)), (found) => {
    const people = found.flatMap(({ isMatch, isLast: _, ...user }) => (isMatch ? [user] : []));
    const last = found.at(-1);
    return { people, scannedTo: last?.isLast ? last.place : null };
  });
}

/**
 * Reads a page of the people with a prefix or a role, if they are so few that all of them can be sorted.
 *
 * @returns null if they are too many
 */
export function sortUsers(
  wanted: UsersWanted,
  by: 'emailPrefix' | 'role',
): Statement<UsersFound | null> {
  const sort = SORTS[wanted.order][by];
  return map(sort(valuesOf(wanted)), (found) =>
    found[0]?.isTooMany
      ? null
      : {
          people: found.flatMap(({ isTooMany: _, ...user }) => (user.id ? [user] : [])),
          scannedTo: null,
        },
  );
}

type Values = {
  readonly [Name in keyof Omit<
    UserFilter,
    'emailPrefix' | 'createdAfter' | 'createdBefore'
  >]: UserFilter[Name];
} & {
  readonly prefix: string | null;
  readonly prefixEnd: string | null;
  readonly createdAfter: Date;
  readonly createdBefore: Date;
  readonly fromAt: Date;
  readonly fromId: string;
  readonly toAt: Date;
  readonly toId: string;
  readonly limit: number;
};

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const FIRST_MOMENT = new Date('0001-01-01T00:00:00.000Z');
const LAST_MOMENT = new Date('9999-12-31T23:59:59.999Z');

/** Sorts behind every text that begins with the prefix: no address has this character. */
const BEHIND_ALL = '\u{10FFFF}';

function valuesOf({ filter, order, after, limit }: UsersWanted): Values {
  const { emailPrefix, createdAfter, createdBefore, lastSignInBefore, ...others } = filter;
  const range = rangeOf(filter, order, after);
  return {
    ...others,
    lastSignInBefore,
    prefix: emailPrefix,
    prefixEnd: emailPrefix === null ? null : emailPrefix + BEHIND_ALL,
    createdAfter: createdAfter ?? FIRST_MOMENT,
    createdBefore: createdBefore ?? LAST_MOMENT,
    fromAt: range.from.at,
    fromId: range.from.id,
    toAt: range.to.at,
    toId: range.to.id,
    limit,
  };
}

/**
 * The part of the index that can have rows of the page, both ends excluded. Nobody signs in before they have registered. So
 * whoever last signed in before a moment was registered before it, and whoever was registered after one has last signed in
 * after it: the part ends there, whichever of both the order is.
 */
function rangeOf(filter: UserFilter, order: UserOrder, after: TimeAndId | null) {
  const ends =
    order === 'LAST_SIGN_IN_DESC'
      ? [filter.lastSignInBefore]
      : [filter.createdBefore, filter.lastSignInBefore];
  const before = ends.flatMap((at) => (at ? [{ at, id: FIRST_ID }] : []));
  const since = filter.createdAfter ? [{ at: filter.createdAfter, id: LAST_ID }] : [];
  const cursor = after ? [after] : [];
  const [lower, upper] = order === 'CREATED_ASC' ? [cursor, []] : [[], cursor];
  return {
    from: [...since, ...lower].reduce(later, { at: FIRST_MOMENT, id: FIRST_ID }),
    to: [...before, ...upper].reduce(earlier, { at: LAST_MOMENT, id: LAST_ID }),
  };
}

const later = (a: TimeAndId, b: TimeAndId) => (isBefore(a, b) ? b : a);
const earlier = (a: TimeAndId, b: TimeAndId) => (isBefore(a, b) ? a : b);
const isBefore = (a: TimeAndId, b: TimeAndId) =>
  a.at.getTime() === b.at.getTime() ? a.id < b.id : a.at < b.at;

/** The conditions that have an index in the order of registration; `every` is the index of all people. */
const INDEXED = {
  every: sql`true`,
  disabled: sql`${users.disabledAt} is not null`,
  enabled: sql`${users.disabledAt} is null`,
  verified: sql`${users.emailVerifiedAt} is not null`,
  unverified: sql`${users.emailVerifiedAt} is null`,
  secured: sql`${users.hasSecondFactor}`,
  unsecured: sql`not ${users.hasSecondFactor}`,
} as const;

type Driver = keyof typeof INDEXED | 'role';

/** The filter whose index is read: of several, the one that usually excludes the most people. */
function drivingFilter({ filter }: UsersWanted): Driver {
  if (filter.role !== null) return 'role';
  if (filter.disabled === true) return 'disabled';
  if (filter.verified === false) return 'unverified';
  if (filter.hasSecondFactor !== null) return filter.hasSecondFactor ? 'secured' : 'unsecured';
  if (filter.verified === true) return 'verified';
  return filter.disabled === false ? 'enabled' : 'every';
}

type Value = (name: keyof Values) => Placeholder;

/** What decides about a row. Every condition is in every statement, so that there are few texts to prepare. */
function matches(value: Value): SQL {
  const isWanted = (name: 'disabled' | 'verified' | 'hasSecondFactor', condition: SQL) =>
    sql`(${value(name)}::boolean is null or ${condition} = ${value(name)}::boolean)`;
  return sql`(
    ${isWanted('disabled', sql`(${users.disabledAt} is not null)`)}
    and ${isWanted('verified', sql`(${users.emailVerifiedAt} is not null)`)}
    and ${isWanted('hasSecondFactor', sql`${users.hasSecondFactor}`)}
    and ${users.createdAt} > ${value('createdAfter')}::timestamptz
    and ${users.createdAt} < ${value('createdBefore')}::timestamptz
    and (${value('lastSignInBefore')}::timestamptz is null
      or ${SIGNED_IN} < ${value('lastSignInBefore')}::timestamptz)
    and (${value('prefix')}::text is null or ${hasPrefix(value)})
    and (${value('role')}::text is null or (select true from ${userRoles}
      where ${userRoles.userId} = ${users.id} and ${userRoles.role} = ${value('role')}::text) is true))`;
}

const SIGNED_IN = sql`coalesce(${users.lastSignInAt}, ${users.createdAt})`;

/** A range of bytes instead of LIKE: it has no wildcard to escape, and a prepared plan keeps the index. */
function hasPrefix(value: Value): SQL {
  return sql`${users.email} ~>=~ ${value('prefix')}::text and ${users.email} ~<~ ${value('prefixEnd')}::text`;
}

function isInRange(value: Value, at: SQL, id: SQL): SQL {
  return sql`(${at}, ${id}) > (${value('fromAt')}::timestamptz, ${value('fromId')}::uuid)
    and (${at}, ${id}) < (${value('toAt')}::timestamptz, ${value('toId')}::uuid)`;
}

const ORDERS: Readonly<Record<UserOrder, { readonly key: SQL; readonly direction: SQL }>> = {
  CREATED_DESC: { key: sql`${users.createdAt}`, direction: sql`desc` },
  CREATED_ASC: { key: sql`${users.createdAt}`, direction: sql`asc` },
  LAST_SIGN_IN_DESC: { key: SIGNED_IN, direction: sql`desc` },
};

/** The place of a row in milliseconds, as Date has them, and what else a statement says about it. */
function listed<Notes>(notes: SQL, name: (notes: readonly unknown[]) => Notes) {
  const ms = sql`(extract(epoch from users.place_at) * 1000)::bigint`;
  return withColumn(columnsOf(users), sql`json_build_array(${ms}, ${notes})`, (user, column) => {
    const [at, ...others] = column as readonly unknown[];
    return { ...user, place: { at: new Date(Number(at)), id: user.id }, ...name(others) };
  });
}

const SCANNED = listed(
  sql`users.n = ${sql.raw(`${MOST_SCANNED}`)}, users.is_match`,
  ([isLast, isMatch]) => ({
    isLast: isLast === true,
    isMatch: isMatch === true,
  }),
);

const SORTED = listed(sql`probe.is_too_many`, ([isTooMany]) => ({ isTooMany: isTooMany === true }));

/**
 * Postgres reads the inner rows one by one and stops when the page is full. The last row that may be read is returned even
 * if it does not match, as the place to continue from.
 */
const scanOf = (order: UserOrder, driver: Driver) =>
  hotStatement<Values, ListedUser & { readonly isLast: boolean; readonly isMatch: boolean }>(
    (value) => sql`
      select ${SCANNED.columns}
      from (
        select users.*, row_number() over () as n, ${matches(value)} as is_match
        from (${driver === 'role' ? members(value, order) : indexed(value, order, INDEXED[driver])}) as users
      ) as users
      where is_match or n = ${sql.raw(`${MOST_SCANNED}`)}
      order by place_at ${ORDERS[order].direction}, id ${ORDERS[order].direction}
      limit ${value('limit')}::int`,
    SCANNED,
  );

function indexed(value: Value, order: UserOrder, condition: SQL): SQL {
  const { key, direction } = ORDERS[order];
  return sql`
    select users.*, ${key} as place_at from ${users}
    where ${condition} and ${isInRange(value, key, sql`${users.id}`)}
    order by ${key} ${direction}, ${users.id} ${direction} limit ${sql.raw(`${MOST_SCANNED}`)}`;
}

/** One by one through the primary key: for a role that all hold, Postgres would rather read the whole table. */
const person = sql`(select * from ${users} where ${users.id} = held.user_id offset 0) as users`;

function members(value: Value, order: UserOrder): SQL {
  const { direction } = ORDERS[order];
  const { role, userId, userCreatedAt } = userRoles;
  return sql`
    select users.*, held.user_created_at as place_at from (
      select ${userId}, ${userCreatedAt} from ${userRoles}
      where ${role} = ${value('role')}::text and ${isInRange(value, sql`${userCreatedAt}`, sql`${userId}`)}
      order by ${userCreatedAt} ${direction}, ${userId} ${direction} limit ${sql.raw(`${MOST_SCANNED}`)}
    ) as held cross join lateral ${person}`;
}

/** The fences (`offset 0`) keep Postgres from walking the order of the list instead of the index of the filter. */
const sortOf = (order: UserOrder, by: 'emailPrefix' | 'role') =>
  hotStatement<Values, ListedUser & { readonly isTooMany: boolean }>((value) => {
    const { key, direction } = ORDERS[order];
    const { role, userId, userCreatedAt } = userRoles;
    const few = sql.raw(`${MOST_SORTED + 1}`);
    // Its order and its limit make Postgres read the index, however many people it expects to hold the role.
    const held = sql`(select ${userId} from ${userRoles} where ${role} = ${value('role')}::text
      order by ${userCreatedAt}, ${userId} limit ${few}) as held`;
    const chosen =
      by === 'role'
        ? sql`from ${held} cross join lateral ${person}`
        : sql`from ${users} where ${hasPrefix(value)}`;
    const counted = by === 'role' ? sql`from ${held}` : chosen;
    return sql`
      select ${SORTED.columns}
      from (
        select count(*) > ${sql.raw(`${MOST_SORTED}`)} as is_too_many
        from (select ${counted} limit ${few}) as few
      ) as probe
      left join lateral (
        select * from (select users.*, ${key} as place_at ${chosen} offset 0) as users
        where not probe.is_too_many and ${matches(value)}
          and ${isInRange(value, sql`users.place_at`, sql`users.id`)}
        order by place_at ${direction}, id ${direction} limit ${value('limit')}::int
      ) as users on true
      order by users.place_at ${direction}, users.id ${direction}`;
  }, SORTED);

const scansOf = (order: UserOrder) => ({
  every: scanOf(order, 'every'),
  disabled: scanOf(order, 'disabled'),
  enabled: scanOf(order, 'enabled'),
  verified: scanOf(order, 'verified'),
  unverified: scanOf(order, 'unverified'),
  secured: scanOf(order, 'secured'),
  unsecured: scanOf(order, 'unsecured'),
  role: scanOf(order, 'role'),
});

const SCANS = {
  CREATED_DESC: scansOf('CREATED_DESC'),
  CREATED_ASC: scansOf('CREATED_ASC'),
};

/** Only the index of all people has this order. */
const SCAN_BY_SIGN_IN = scanOf('LAST_SIGN_IN_DESC', 'every');

const sortsOf = (order: UserOrder) => ({
  emailPrefix: sortOf(order, 'emailPrefix'),
  role: sortOf(order, 'role'),
});

const SORTS = {
  CREATED_DESC: sortsOf('CREATED_DESC'),
  CREATED_ASC: sortsOf('CREATED_ASC'),
  LAST_SIGN_IN_DESC: sortsOf('LAST_SIGN_IN_DESC'),
};
