import { sql } from 'drizzle-orm';
import type { Executor } from './executor.ts';
import { run } from './executor.ts';
import { firstRow, rows } from './statement.ts';

/** What a database holds. */
export type RowCount = { readonly rows: number; readonly accounts: number };

/** Counts every row, for an operator who is about to lose some: exact, so it reads whole tables. */
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

/** True if there is an account; false also where there are no tables yet. */
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
