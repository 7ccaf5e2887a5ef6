import { getTableName, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { type Executor, run } from './executor.ts';
import { firstRow, noRows } from './statement.ts';

/**
 * The role does not own the tables. The server's role cannot empty a table, because it could otherwise remove
 * evidence.
 */
class NotOwnerOfTablesError extends Error {
  override readonly name = 'NotOwnerOfTablesError';

  constructor() {
    super(
      'This role may not empty tables: run the command as their owner, with the DATABASE_URL of `latchkey migrate up`.',
    );
  }
}

/** @throws NotOwnerOfTablesError unless the role may empty all of them */
export async function requireTruncate(
  executor: Executor,
  tables: readonly PgTable[],
): Promise<void> {
  for (const table of tables) {
    const may = await run(
      executor,
      firstRow(
        sql<{
          truncate: boolean;
        }>`select has_table_privilege(${getTableName(table)}, 'truncate') as truncate`,
      ),
    );
    if (!may?.truncate) throw new NotOwnerOfTablesError();
  }
}

/** Empties tables at once. The time does not depend on the number of rows, because no row is read. */
export async function truncate(executor: Executor, tables: readonly PgTable[]): Promise<void> {
  await run(executor, noRows(sql`truncate ${sql.join([...tables], sql`, `)}`));
}
