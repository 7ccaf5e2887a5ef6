import { and, desc, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Selects one page of a person's rows, newest first. */
type RowsOfPerson = { readonly where: SQL | undefined; readonly orderBy: readonly [SQL, SQL] };

/**
 * Selects rows of one person in a way that only the index on (user_id, id) can serve. With an equality, the
 * planner knows that all rows have the same person. It may then walk the primary key and discard the rows of
 * other people. If one account has nearly all rows of the table, that is cheap on average, but for everybody
 * else it reads that whole account (DR-7). With a comparison of pairs, only this index has the order,
 * whatever the statistics and the parameters are.
 *
 * @param before the id after which the page starts
 */
export function rowsOfPerson(
  columns: { readonly userId: PgColumn; readonly id: PgColumn },
  userId: string | SQL,
  before: string | null = null,
): RowsOfPerson {
  const { userId: person, id } = columns;
  return {
    where: and(
      sql`(${person}, ${id}) > (${userId}::uuid, ${FIRST_ID}::uuid)`,
      sql`(${person}, ${id}) < (${userId}::uuid, ${before ?? LAST_ID}::uuid)`,
    ),
    orderBy: [desc(person), desc(id)],
  };
}
