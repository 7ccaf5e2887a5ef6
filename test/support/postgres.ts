import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the run's Postgres, as its superuser, without a database's name. */
    postgresServerUrl: string;
    /** The same by way of a pooler; null without one. */
    postgresPoolerUrl: string | null;
  }
}

/** The migrated database that every test database is a copy of. Nobody may be connected to it. */
export const TEMPLATE_DATABASE = 'latchkey_template';

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  /** Ends whatever is still connected, and removes it. */
  drop(): Promise<void>;
}

/**
 * A new database with every migration applied: one for each test file, or test.
 *
 * @param way `direct` past any pooler, where it is counted how often the database is waited for: behind
 *   one without prepared statements that is another number (ADR-0009)
 */
export async function createTestDatabase(
  way: 'as-the-run' | 'direct' = 'as-the-run',
): Promise<TestDatabase> {
  const server = inject('postgresServerUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  // Copying files takes half the time of writing every page of the template to the WAL first.
  await runOnServer(
    server,
    `create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`,
  );
  return {
    url: databaseUrl((way === 'direct' ? null : inject('postgresPoolerUrl')) ?? server, name),
    drop: () => runOnServer(server, `drop database if exists ${name} with (force)`),
  };
}

/** The address of one database on a server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** One connection a worker and server: logging in costs more than most of these statements. */
const connections = new Map<string, postgres.Sql>();

/** Runs one statement beside all test databases; for this folder's own constants only. */
export async function runOnServer(server: string, statement: string): Promise<void> {
  const url = databaseUrl(server, 'postgres');
  const sql =
    connections.get(url) ??
    // Several, because a new database waits for nobody's old one; closed soon, so that a stop waits for none.
    postgres(url, { max: 2, idle_timeout: 1, fetch_types: false, onnotice: () => undefined });
  connections.set(url, sql);
  await sql.unsafe(statement);
}
