import { getTableName, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Executor } from './executor.ts';
import { run } from './executor.ts';
import { firstRow, noRows } from './statement.ts';

/** The server's own role may not empty a table: it could remove what others have to see. */
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

/** Empties tables at once, however many rows they have: no row is looked at, and none left behind. */
export async function truncate(executor: Executor, tables: readonly PgTable[]): Promise<void> {
  await run(executor, noRows(sql`truncate ${sql.join([...tables], sql`, `)}`));
}
