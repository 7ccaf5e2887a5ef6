import { and, desc, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** A person's rows of a table, newest first, for a page of them. */
type RowsOfPerson = { readonly where: SQL | undefined; readonly orderBy: readonly [SQL, SQL] };

/**
 * Selects rows of one person by the index on (user_id, id), and by no other plan. With an equality the
 * planner knows that the person is the same in all rows, and may walk the primary key instead and
 * discard everybody else's rows: cheap on average where one account has nearly all of the table,
 * and a walk over that whole account for everybody else (DR-7). Compared as pairs, only that index
 * has the order, whatever the statistics say and with a plan for any parameters.
 *
 * @param before the id the page starts after
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
