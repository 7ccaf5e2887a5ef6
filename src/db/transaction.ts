import type { Query, Rows } from './driver/host-connection.ts';
import { DatabaseError } from './errors.ts';
import type { Database, Executor, PooledConnection } from './executor.ts';

/**
 * Runs work in one transaction. What the work throws is thrown from here after the rollback. So a revocation that
 * must stay is returned as an outcome and thrown after the commit (RR-7).
 *
 * A statement that failed has ended its transaction, even if the work caught the error: the failure is then thrown
 * from here and nothing is committed. Ask `on conflict do nothing … returning`, or look at isUniqueViolation
 * outside.
 *
 * The whole transaction has the time of one call (LIMITS.call): the work neither hashes nor uses the network.
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
    // After the end the connection is somebody else's, and a statement would commit by itself.
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
    // Of statements that were sent at once, those after the first failure fail with 25P02, which says nothing.
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

/** Without an answer the connection is abandoned: the server rolls back when the connection is closed. */
async function rollBack(connection: PooledConnection): Promise<void> {
  if (connection.isLost()) return;
  try {
    await connection.run({ text: 'rollback' });
  } catch {
    connection.abandon('ROLLBACK_FAILED');
  }
}
