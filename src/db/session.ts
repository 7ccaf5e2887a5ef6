import { DrizzleQueryError } from 'drizzle-orm';
import type {
  PgDialect,
  PgPreparedQuery,
  PgTransactionConfig,
  PreparedQueryConfig,
} from 'drizzle-orm/pg-core';
import { PostgresJsSession, PostgresJsTransaction } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import { DatabaseError, databaseFault } from './errors.ts';
import type { Executor } from './executor.ts';

type NoSchema = Record<string, never>;
type Session = PostgresJsSession<postgres.Sql, NoSchema, NoSchema>;
type Transaction = PostgresJsTransaction<NoSchema, NoSchema>;
type TransactionSession = ConstructorParameters<
  typeof PostgresJsTransaction<NoSchema, NoSchema>
>[1];

/** What a session needs of the database: the pool has it, and so has one transaction. */
export type Runner = Executor & {
  readonly transaction: <T>(work: (tx: Executor) => Promise<T>) => Promise<T>;
};

/**
 * Drizzle's own session over our connections. Every error leaves it as DatabaseError or
 * ServiceUnavailableError: Drizzle's quotes the parameters, a password's hash among them.
 */
export class GuardedSession extends PostgresJsSession<postgres.Sql, NoSchema, NoSchema> {
  readonly #runner: Runner;

  constructor(runner: Runner, dialect: PgDialect) {
    super(clientFor(runner), dialect, undefined);
    this.#runner = runner;
  }

  override prepareQuery<T extends PreparedQueryConfig = PreparedQueryConfig>(
    ...args: Parameters<Session['prepareQuery']>
  ): PgPreparedQuery<T> {
    const query = super.prepareQuery<T>(...args);
    const { execute } = query;
    query.execute = async (values) => {
      try {
        return await execute.call(query, values);
      } catch (error) {
        throw withoutParameters(error, args[0].sql);
      }
    };
    return query;
  }

  override transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    config?: PgTransactionConfig,
  ): Promise<T> {
    return this.#runner.transaction(async (executor) => {
      const nested = () => Promise.reject(new DatabaseError({ code: 'NESTED_TRANSACTION' }));
      const runner = { ...executor, transaction: nested };
      const tx: Transaction = new PostgresJsTransaction(
        this.dialect,
        new GuardedSession(runner, this.dialect) as unknown as TransactionSession,
        undefined,
      );
      if (config) await tx.setTransaction(config);
      return work(Object.assign(tx, { $runner: () => runner, ...executor }));
    });
  }
}

function withoutParameters(error: unknown, statement: string): Error {
  return databaseFault(error instanceof DrizzleQueryError ? error.cause : error, statement);
}

/**
 * The one part of a postgres.js client that Drizzle's session calls. The shape of the rows is
 * only known after the call: a statement starts a microtask later, as postgres.js does itself.
 */
function clientFor(runner: Runner): postgres.Sql {
  const unsafe = (text: string, params: readonly unknown[] = []) => {
    let rows: 'objects' | 'arrays' = 'objects';
    const result = Promise.resolve().then(() => runner.run({ text, params, rows }));
    return Object.assign(result, {
      values: () => {
        rows = 'arrays';
        return result;
      },
    });
  };
  return { unsafe } as unknown as postgres.Sql;
}
