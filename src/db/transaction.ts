import type { Database, Executor } from './driver/client.ts';
import type { Connection } from './driver/connection.ts';
import type { Statement } from './driver/host-connection.ts';
import { DatabaseError } from './errors.ts';
import type { Runner } from './session.ts';

/**
 * Runs work in one transaction. What it throws comes out as it was, after the rollback; so a
 * revocation that must stay is returned as an outcome and thrown after the commit (RR-7).
 *
 * A statement that failed has ended its transaction, even when work caught the error: the failure
 * is then thrown from here and nothing is committed. Ask `on conflict do nothing … returning`, or
 * look at isUniqueViolation outside.
 *
 * The whole of it has the time of one call (LIMITS.call): no hashing and no network in between.
 */
export function transaction<T>(db: Database, work: (tx: Executor) => Promise<T>): Promise<T> {
  // Its session has put the runner on it (session.ts); Drizzle's own type does not know.
  return db.transaction((tx) => work(tx as typeof tx & Pick<Executor, '$runner'>));
}

/** The statements around a transaction's own. */
export async function runTransaction<T>(
  connection: Connection,
  begin: string,
  work: (runner: Runner) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  let over = false;

  const run = async (statement: Statement) => {
    // Past its end the connection is somebody else's, and a statement would commit by itself.
    if (over) throw new DatabaseError({ code: 'TRANSACTION_OVER', statement: statement.text });
    if (failures.length > 0) throw failures[0];
    try {
      return await connection.run(statement);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const nested = () => Promise.reject(new DatabaseError({ code: 'NESTED_TRANSACTION' }));

  await connection.run({ text: begin });
  try {
    const result = await work({ run, transaction: nested });
    if (failures.length > 0) throw failures[0];
    over = true;
    await connection.run({ text: 'commit' });
    return result;
  } catch (error) {
    over = true;
    await rollBack(connection);
    throw error;
  }
}

/** Without an answer to it the connection is given up: the server rolls back when it is gone. */
async function rollBack(connection: Connection): Promise<void> {
  if (connection.isLost()) return;
  try {
    await connection.run({ text: 'rollback' });
  } catch {
    connection.abandon('ROLLBACK_FAILED');
  }
}
