import { sql } from 'drizzle-orm';
import type { Executor } from './driver/client.ts';

/** What a database holds. */
export type RowCount = { readonly rows: number; readonly accounts: number };

/** Counts every row, for an operator who is about to lose some: exact, so it reads whole tables. */
export async function countRows(executor: Executor): Promise<RowCount> {
  const tables = await executor.execute<{ name: string }>(sql`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
      and not relispartition`);
  const counts = new Map<string, number>();
  for (const { name } of tables) {
    const [row] = await executor.execute<{ n: number }>(
      sql`select count(*)::int as n from ${sql.identifier(name)}`,
    );
    counts.set(name, row?.n ?? 0);
  }
  const rows = [...counts.values()].reduce((sum, n) => sum + n, 0);
  return { rows, accounts: counts.get('users') ?? 0 };
}

/** True if there is an account; false also where there are no tables yet. */
export async function hasAccounts(executor: Executor): Promise<boolean> {
  const [table] = await executor.execute<{ exists: boolean }>(
    sql`select to_regclass('users') is not null as exists`,
  );
  if (!table?.exists) return false;
  const [users] = await executor.execute<{ exists: boolean }>(
    sql`select exists (select from users) as exists`,
  );
  return users?.exists ?? false;
}
