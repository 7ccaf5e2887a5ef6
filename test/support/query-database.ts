import { type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { type Executor, run } from '../../src/db/executor.ts';
import { build, firstRow, rows, type Source } from '../../src/db/statement.ts';

/**
 * What a test asks the database: a query of the builder, whose rows have their types, or SQL text, whose rows are what
 * the caller says.
 */
export async function queryDatabase<Row = Record<string, unknown>>(
  db: Pick<Executor, 'run'>,
  source: Exclude<Source<Row>, SQL<Row>> | SQL | string,
): Promise<Row[]> {
  const statement = typeof source === 'string' ? sql.raw(source) : source;
  return [...(await run(db, rows(statement as Source<Row>)))];
}

/** How many rows of a table fulfill the condition; all of them without one. */
export async function countRowsOf(
  db: Pick<Executor, 'run'>,
  table: PgTable,
  condition?: SQL,
): Promise<number> {
  const counted = build.select({ n: sql<number>`count(*)::int` }).from(table).where(condition);
  return (await run(db, firstRow(counted)))?.n ?? 0;
}
