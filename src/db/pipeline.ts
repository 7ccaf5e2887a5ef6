import { type SQL, sql } from 'drizzle-orm';
import type { Connection } from './driver/connection.ts';
import type { Query, Rows } from './driver/host-connection.ts';
import type { Pool } from './driver/pool.ts';
import { DatabaseError } from './errors.ts';
import type { Database, Executor } from './executor.ts';
import { noRows, type Statement } from './statement.ts';
import { requireCommit } from './transaction.ts';

/** The statements of a pipeline. For null, nothing is sent, and the result is null. */
type Statements = readonly (Statement<unknown> | null)[];
type ResultOf<S> = S extends Statement<infer Result> ? Result : null;
type Results<S extends Statements> = { -readonly [Index in keyof S]: ResultOf<S[Index]> };
type Answers<S extends Statements> = { -readonly [Index in keyof S]: Promise<ResultOf<S[Index]>> };

/**
 * Sends statements in one round trip (ADR-0011) and waits for all results. The statements run in order and
 * must not depend on each other: on the pool, each is a transaction of its own. In a transaction, they are
 * part of it.
 *
 * @throws the first failure
 */
export async function pipeline<const S extends Statements>(
  executor: Pick<Executor, 'send'>,
  statements: S,
): Promise<Results<S>> {
  return (await Promise.all(startPipeline(executor, statements))) as Results<S>;
}

/** The same for a caller that needs the first results before the last ones have arrived. */
export function startPipeline<const S extends Statements>(
  { send }: Pick<Executor, 'send'>,
  statements: S,
): Answers<S> {
  const answers = send(statements.filter((statement) => statement !== null));
  let next = 0;
  const results = statements.map((statement) => {
    if (statement === null) return Promise.resolve(null);
    const result = (answers[next] ?? Promise.reject(new RangeError())).then(statement.read);
    next += 1;
    // A caller that has seen a failure may never read the other results. Their rejections must not count as
    // unhandled.
    result.catch(() => undefined);
    return result;
  });
  return results as Answers<S>;
}

/**
 * Runs statements as one transaction in one round trip: its begin, the statements in order, and its commit.
 * Between begin and commit, only a statement can decide anything: see {@link assertInTransaction}. If one
 * fails, nothing is committed.
 *
 * @throws the first failure
 */
export async function pipelineTransaction<const S extends Statements>(
  db: Pick<Database, 'withConnection'>,
  statements: S,
): Promise<Results<S>> {
  return await db.withConnection(async (session) => {
    const begun = session.run({ text: session.begin });
    const send = (queries: readonly Query[]) => queries.map((query) => session.run(query));
    const results = startPipeline({ send }, statements);
    const committed = session.run({ text: 'commit' }).then(requireCommit);
    // The connection is free once every statement has been answered.
    const settled = await Promise.allSettled([begun, ...results, committed]);
    const failed = settled.find((one): one is PromiseRejectedResult => one.status === 'rejected');
    if (failed) throw failed.reason;
    return (await Promise.all(results)) as Results<S>;
  });
}

/**
 * Fails its transaction unless the condition holds, and with the transaction every statement that was sent after
 * this one. The name identifies the assertion for {@link isAssertionFailure}.
 */
export function assertInTransaction(name: string, condition: SQL): Statement<void> {
  return noRows(assertion(name, condition));
}

/** The SQL text of {@link assertInTransaction}, for a hot statement. */
export function assertion(name: string, condition: SQL): SQL {
  return sql`select assert_in_transaction(${condition}, ${name}::text)`;
}

/** True for the failure of an assertion: of the one with this name, or of any. */
export function isAssertionFailure(error: unknown, name?: string): boolean {
  if (!(error instanceof DatabaseError) || error.code !== ASSERTION_FAILED) return false;
  return name === undefined || error.constraint === name;
}

/** The SQLSTATE that assert_in_transaction raises (drizzle/0005_assert_in_transaction.sql). */
const ASSERTION_FAILED = 'LK001';

/**
 * Sends queries on one connection of the pool. Without a connection, that failure is the answer to each of them.
 *
 * @param isOneByOne true to wait for each answer. Behind a pooler in transaction mode: pgbouncer gives the session
 *   away at the answer to a statement, even if the description of the next one, which ends in Flush and not in
 *   Sync, is on its way. The session is then closed as dirty, and the call has no answer (ADR-0009).
 */
export function sendOnPool(
  use: Pool['use'],
  queries: readonly Query[],
  isOneByOne: () => boolean,
): readonly Promise<Rows>[] {
  const answers = queries.map(() => Promise.withResolvers<Rows>());
  const send = async ({ run }: Connection) => {
    let last: Promise<unknown> | null = isOneByOne() ? Promise.resolve() : null;
    const sent = queries.map((query, index) => {
      const answer = last ? last.then(() => run(query)) : run(query);
      if (last) last = answer.catch(() => undefined);
      answers[index]?.resolve(answer);
      return answer;
    });
    await Promise.allSettled(sent);
  };
  use(send).catch((error: unknown) => {
    for (const { reject } of answers) reject(error);
  });
  return answers.map(({ promise }) => promise);
}
