import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { firstIdAt } from '../kernel/id.ts';
import { firstRow, map, type Statement } from './statement.ts';

/** One page of a table in the order of its primary key: the rows after one key. */
export type PurgePage = {
  readonly now: Date;
  /** The last key that was read. Null for the first page. */
  readonly behind: string | null;
  readonly limit: number;
  /** Counts what it would remove and removes nothing. */
  readonly isDryRun?: boolean;
};

/** The result of a page. If a page has read fewer rows than its limit, it was the last. */
export type PurgedPage = {
  readonly seen: number;
  readonly removed: number;
  readonly last: string | null;
  /** Minimum pause before the next page, in milliseconds, so that other work is not slowed down. */
  readonly pause?: number;
};

/** The expired rows of a table. */
export type Expired = {
  readonly table: PgTable;
  readonly key: PgColumn;
  readonly isExpired: SQL | undefined;
  /** For UUIDv7 keys, which contain the time of the row: younger rows have not expired and are not read. */
  readonly madeBefore?: Date;
  /** Reads only these rows. A partial index on the key with the same condition makes the page cheap. */
  readonly among?: SQL;
};

/**
 * Reads one page of a table by its primary key and removes the expired rows. No index contains the expiry of a row,
 * so the columns that decide it can be updated cheaply (ADR-0019).
 *
 * Locks only the rows that it removes, and waits for no lock: a row that is locked by another transaction is left to
 * the next pass. A row that has not expired is read once.
 */
export function purgePage(
  { table, key, isExpired, madeBefore, among = sql`true` }: Expired,
  { behind, limit, isDryRun = false }: PurgePage,
): Statement<PurgedPage> {
  const type = sql.raw(key.getSQLType());
  const from = behind === null ? sql`true` : sql`${key} > ${behind}::${type}`;
  const to = madeBefore ? sql`${key} < ${firstIdAt(madeBefore)}::${type}` : sql`true`;
  // The bounds leave out the partitions that the page does not reach into.
  const expired = sql`select ${key} from ${table}
    where ${key} = any(array(select key from page where is_expired)) and (${isExpired})
      and ${key} >= (select key from page order by key limit 1)
      and ${key} <= (select key from page order by key desc limit 1)
    for update skip locked`;
  const removed = isDryRun
    ? sql`select from page where is_expired`
    : sql`delete from ${table} where ${key} = any(array(${expired}))
        and ${key} >= (select key from page order by key limit 1)
        and ${key} <= (select key from page order by key desc limit 1)
        returning 1`;
  const purge = sql<PurgedPage>`
    with page as materialized (
      select ${key} as key, (${isExpired}) is true as is_expired from ${table}
      where ${from} and ${to} and ${among}
      order by ${key} limit ${sql.raw(String(limit))}
    ), removed as (${removed})
    select (select count(*)::int from page) as seen, (select count(*)::int from removed) as removed,
      (select key::text from page order by key desc limit 1) as last`;
  return map(firstRow(purge), (page) => page ?? { seen: 0, removed: 0, last: null });
}
