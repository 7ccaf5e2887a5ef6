import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { firstIdAt } from '../kernel/id.ts';
import { firstRow, map, type Statement } from './statement.ts';

/** So many rows of a table, in the order of its keys, behind one of them. */
export type PurgePage = {
  readonly now: Date;
  /** The last key looked at; null begins. */
  readonly behind: string | null;
  readonly limit: number;
  /** Counts what it would remove and removes nothing. */
  readonly isDryRun?: boolean;
};

/** What became of a page. One that saw fewer rows than it might was the last. */
export type PurgedPage = {
  readonly seen: number;
  readonly removed: number;
  readonly last: string | null;
  /** Milliseconds to leave everybody else in peace before the next page, at least. */
  readonly pause?: number;
};

/** Which rows of a table are over. */
export type Over = {
  readonly table: PgTable;
  readonly key: PgColumn;
  readonly isOver: SQL | undefined;
  /** Of UUIDv7 keys, which tell when a row was made: no younger row is over, and none is read. */
  readonly madeBefore?: Date;
  /** Looks at these alone; an index on the key that has no others makes the page cheap. */
  readonly among?: SQL;
};

/**
 * Looks at one page of a table by its primary key and removes what is over. No index has to know
 * when a row ends, so the columns that decide it may change cheaply (ADR-0019).
 *
 * Locks what it removes and nothing else, and waits for no lock: a row that somebody holds is left
 * to the next pass. A row that goes on living is read once.
 */
export function purgePage(
  { table, key, isOver, madeBefore, among = sql`true` }: Over,
  { behind, limit, isDryRun = false }: PurgePage,
): Statement<PurgedPage> {
  const type = sql.raw(key.getSQLType());
  const from = behind === null ? sql`true` : sql`${key} > ${behind}::${type}`;
  const to = madeBefore ? sql`${key} < ${firstIdAt(madeBefore)}::${type}` : sql`true`;
  // The bounds leave out the partitions that the page does not reach into.
  const over = sql`select ${key} from ${table}
    where ${key} = any(array(select key from page where is_over)) and (${isOver})
      and ${key} >= (select key from page order by key limit 1)
      and ${key} <= (select key from page order by key desc limit 1)
    for update skip locked`;
  const gone = isDryRun
    ? sql`select from page where is_over`
    : sql`delete from ${table} where ${key} = any(array(${over}))
        and ${key} >= (select key from page order by key limit 1)
        and ${key} <= (select key from page order by key desc limit 1)
        returning 1`;
  const purge = sql<PurgedPage>`
    with page as materialized (
      select ${key} as key, (${isOver}) is true as is_over from ${table}
      where ${from} and ${to} and ${among}
      order by ${key} limit ${sql.raw(String(limit))}
    ), gone as (${gone})
    select (select count(*)::int from page) as seen, (select count(*)::int from gone) as removed,
      (select key::text from page order by key desc limit 1) as last`;
  return map(firstRow(purge), (page) => page ?? { seen: 0, removed: 0, last: null });
}
