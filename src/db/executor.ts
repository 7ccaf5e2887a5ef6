import type { Connection } from './driver/connection.ts';
import type { Query, Rows } from './driver/host-connection.ts';
import type { Pool } from './driver/pool.ts';
import type { RequestTime } from './request-time.ts';
import type { Statement } from './statement.ts';

/** Runs statements: the pool, or a transaction. */
export type Executor = {
  /** Runs one query. */
  readonly run: (query: Query) => Promise<Rows>;
  /** Sends queries in one round trip, in this order. Each has its own answer. */
  readonly send: (queries: readonly Query[]) => readonly Promise<Rows>[];
};

/** The pool of connections to one database. */
export type Database = Executor & {
  readonly pool: Pool;
  /** See request-time.ts. */
  readonly asOneRequest: RequestTime['begin'];
  /** Runs work that needs a connection of its own: a transaction. */
  readonly withConnection: <T>(work: (connection: PooledConnection) => Promise<T>) => Promise<T>;
};

/** A connection of the pool, and what opens a transaction on it. */
export type PooledConnection = Pick<Connection, 'run' | 'isLost' | 'abandon'> & {
  readonly begin: string;
};

/** Runs one statement. Outside of a transaction, the statement is a transaction of its own. */
export async function run<Result>(
  executor: Pick<Executor, 'run'>,
  statement: Statement<Result>,
): Promise<Result> {
  return statement.read(await executor.run(statement));
}
