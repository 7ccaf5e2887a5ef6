import type { Query, Rows } from './driver/host-connection.ts';
import { DatabaseError } from './errors.ts';
import type { Database, Executor, PooledConnection } from './executor.ts';

/**
 * Runs work in one transaction. If the work throws, the transaction is rolled back and the error is rethrown.
 * So if a revocation must persist, the work returns it as an outcome, and the caller throws after the commit
 * (RR-7).
 *
 * A failed statement fails its transaction even if the work catches the error. The failure is then thrown
 * from here, and nothing is committed. To expect a conflict, use `on conflict do nothing … returning`, or
 * call isUniqueViolation outside of the transaction.
 *
 * The whole transaction has the time limit of one call (LIMITS.call), so the work must neither hash nor use
 * the network.
 */
export function transaction<T>(
  db: Pick<Database, 'withConnection'>,
  work: (tx: Executor) => Promise<T>,
): Promise<T> {
  return db.withConnection((connection) => runTransaction(connection, work));
}

/** Runs work between a begin and a commit on this connection. */
export async function runTransaction<T>(
  connection: PooledConnection,
  work: (tx: Executor) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  let isFinished = false;

  const run = async (query: Query) => {
    // After the end of the transaction, another caller uses the connection, and a statement would commit by
    // itself.
    if (isFinished)
      throw new DatabaseError({ code: 'TRANSACTION_FINISHED', statement: query.text });
    if (failures.length > 0) throw failures[0];
    try {
      return await connection.run(query);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const send = (queries: readonly Query[]) => queries.map(run);

  await connection.run({ text: connection.begin });
  try {
    const result = await work({ run, send });
    if (failures.length > 0) throw failures[0];
    isFinished = true;
    requireCommit(await connection.run({ text: 'commit' }));
    return result;
  } catch (error) {
    isFinished = true;
    await rollBack(connection);
    // If several statements were sent at once, those after the first failure fail with 25P02, which is not
    // the cause.
    throw failures.includes(error) ? failures[0] : error;
  }
}

/**
 * Postgres answers the commit of a failed transaction with ROLLBACK, and not with an error.
 *
 * @throws DatabaseError unless the transaction was committed
 */
export function requireCommit({ command }: Pick<Rows, 'command'>): void {
  if (command !== 'COMMIT') throw new DatabaseError({ code: 'COMMIT_ROLLED_BACK' });
}

/**
 * If the server does not answer, the connection is abandoned. The server rolls back when the connection
 * closes.
 */
async function rollBack(connection: PooledConnection): Promise<void> {
  if (connection.isLost()) return;
  try {
    await connection.run({ text: 'rollback' });
  } catch {
    connection.abandon('ROLLBACK_FAILED');
  }
}
