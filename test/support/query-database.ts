import { type SQL, sql } from 'drizzle-orm';
import { type Executor, run } from '../../src/db/executor.ts';
import { rows, type Source } from '../../src/db/statement.ts';

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
