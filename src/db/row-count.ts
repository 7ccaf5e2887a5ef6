import { sql } from 'drizzle-orm';
import { type Executor, run } from './executor.ts';
import { firstRow, rows } from './statement.ts';

/** The number of rows of each kind that an operator may lose. */
export type RowCount = { readonly rows: number; readonly accounts: number };

/**
 * Counts every row, for an operator who is about to delete some. The counts are exact, so whole tables are
 * read.
 */
export async function countRows(executor: Executor): Promise<RowCount> {
  const tables = await run(
    executor,
    rows(sql<{ name: string }>`
      select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
        and not relispartition`),
  );
  const counts = new Map<string, number>();
  for (const { name } of tables) {
    const row = await run(
      executor,
      firstRow(sql<{ n: number }>`select count(*)::int as n from ${sql.identifier(name)}`),
    );
    counts.set(name, row?.n ?? 0);
  }
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  return { rows: total, accounts: counts.get('users') ?? 0 };
}

/** True if an account exists. False if the tables do not exist yet. */
export async function hasAccounts(executor: Executor): Promise<boolean> {
  const table = await run(
    executor,
    firstRow(sql<{ exists: boolean }>`select to_regclass('users') is not null as exists`),
  );
  if (!table?.exists) return false;
  const users = await run(
    executor,
    firstRow(sql<{ exists: boolean }>`select exists (select from users) as exists`),
  );
  return users?.exists ?? false;
}
