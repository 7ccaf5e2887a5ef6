import { readdirSync, readFileSync } from 'node:fs';
import type postgres from 'postgres';

/** What the system reports about a server at one moment. */
export type Reading = {
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  /** Resident memory in MiB. */
  readonly rss: number;
  readonly descriptors: number;
  /** Its connections, as Postgres counts them. */
  readonly connections: number;
};

/** Reads all gauges of a process. Only Linux offers them (proc(5)). */
export async function readGauges(pid: number, sql: postgres.Sql): Promise<Reading> {
  const [row] = await sql`
    select count(*)::int as connections from pg_stat_activity where application_name = 'latchkey'`;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    at: performance.now(),
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    connections: Number(row?.['connections']),
  };
}

/** A table at one moment. */
export type TableSize = { readonly rows: number; readonly bytes: number };

/** Every table of the server with its indexes. Counted, not estimated. */
export async function readTables(sql: postgres.Sql): Promise<ReadonlyMap<string, TableSize>> {
  const tables = await sql<{ name: string; bytes: string }[]>`
    select relname as name, pg_total_relation_size(oid) as bytes from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`;
  const sizes = new Map<string, TableSize>();
  for (const { name, bytes } of tables) {
    const [row] = await sql`select count(*)::int as rows from ${sql(name)}`;
    sizes.set(name, { rows: Number(row?.['rows']), bytes: Number(bytes) });
  }
  return sizes;
}
