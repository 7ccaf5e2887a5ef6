import { sql } from 'drizzle-orm';
import { onTestFinished } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import type { Log } from '../../src/kernel/ports.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';

/** A log that keeps its messages. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (_fields: unknown, message: string) => void lines.push(message);
  return { lines, debug: say, info: say, warn: say, error: say };
}

/** A pool on a database of its own. Both are removed when the test finishes. */
export async function openTestDatabase(poolSize = 4): Promise<Database> {
  const { url, drop } = await createTestDatabase();
  const db = createDatabase({ url, poolSize, log: memoryLog() });
  onTestFinished(async () => {
    await closeDatabase(db);
    await drop();
  });
  return db;
}

/** The error with which a call rejects. */
export async function rejection(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('The call should have been rejected.');
}

/** The error of a call, or null, and its duration. */
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

/** The id of the server process of a session. */
export async function backendPid(db: Pick<Database, 'run'>): Promise<number> {
  const [row] = await queryDatabase<{ pid: number }>(db, sql`select pg_backend_pid() as pid`);
  if (!row) throw new Error('No row.');
  return row.pid;
}
