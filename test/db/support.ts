import { sql } from 'drizzle-orm';
import { onTestFinished } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import type { Log } from '../../src/kernel/ports.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';

/** A log that remembers what was said. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (_fields: unknown, message: string) => void lines.push(message);
  return { lines, debug: say, info: say, warn: say, error: say };
}

/** A pool on a database of its own; both are gone when the test is. */
export async function openTestDatabase(poolSize = 4): Promise<Database> {
  const { url, drop } = await createTestDatabase();
  const db = createDatabase({ url, poolSize, log: memoryLog() });
  onTestFinished(async () => {
    await closeDatabase(db);
    await drop();
  });
  return db;
}

/** What a call rejected with. */
export async function rejection(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('The call was to be refused.');
}

/** How a call ended, and after how many milliseconds. */
export async function timed(
  call: () => Promise<unknown>,
): Promise<{ readonly error: unknown; readonly milliseconds: number }> {
  const started = performance.now();
  const error: unknown = await call().then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, milliseconds: performance.now() - started };
}

/** The server's process that answers for us. */
export async function backendPid(db: Pick<Database, 'run'>): Promise<number> {
  const [row] = await queryDatabase<{ pid: number }>(db, sql`select pg_backend_pid() as pid`);
  if (!row) throw new Error('No row.');
  return row.pid;
}
