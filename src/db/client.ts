import { PgDialect } from 'drizzle-orm/pg-core';
import { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Log } from '../kernel/ports.ts';
import { openConnection } from './connection.ts';
import { databaseFault } from './errors.ts';
import { LIMITS, type Limits, serverSettings } from './limits.ts';
import { createPool, type Pool } from './pool.ts';
import { beginWith, orSettingsRefused, SettingsRefused } from './pooler.ts';
import { GuardedSession, type Runner } from './session.ts';
import { runTransaction } from './transaction.ts';

/** The pool. */
export type Database = PostgresJsDatabase<Record<string, never>> & { readonly $pool: Pool };

/** Whatever can run a statement: the pool, or a transaction. */
export type Executor = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'execute'>;

export type DatabaseOptions = {
  readonly url: string;
  readonly poolSize: number;
  readonly log: Log;
  readonly limits?: Limits;
};

/** Connects lazily: the first statement opens the first connection. */
export function createDatabase({ url, poolSize, log, limits = LIMITS }: DatabaseOptions): Database {
  const settings = serverSettings(limits);
  let pooled = false;

  const pool = createPool({
    size: poolSize,
    limits,
    open: (onLost) =>
      openConnection({
        url,
        settings: pooled ? {} : settings,
        connectTimeout: limits.connect,
        explain: pooled ? databaseFault : orSettingsRefused,
        onLost,
      }),
  });

  const use: Pool['use'] = async (work) => {
    try {
      return await pool.use(work);
    } catch (error) {
      if (!(error instanceof SettingsRefused)) throw error;
      if (!pooled) log.warn({}, error.message);
      pooled = true;
      return await pool.use(work);
    }
  };

  const runner: Runner = {
    run: (statement) => use((connection) => connection.run(statement)),
    transaction: (work) =>
      use((connection) => runTransaction(connection, pooled ? beginWith(settings) : 'begin', work)),
  };
  const dialect = new PgDialect();
  const session = new GuardedSession(runner, dialect);
  const db = new PostgresJsDatabase<Record<string, never>>(dialect, session, undefined);
  return Object.assign(db, { $pool: pool });
}

/** Lets running calls end, which takes as long as a call may, and closes every connection. */
export function closeDatabase(db: Database): Promise<void> {
  return db.$pool.close();
}
