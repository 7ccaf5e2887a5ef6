import { type SQL, sql } from 'drizzle-orm';
import type { Database, Executor } from './driver/client.ts';
import type { Connection } from './driver/connection.ts';
import type { Query, Rows } from './driver/host-connection.ts';
import { DatabaseError } from './errors.ts';
import type { Runner } from './session.ts';

/**
 * Sends statements together, in one round trip (ADR-0011). `start` begins them all
 * before it waits for any; they arrive in the order in which they were begun, and each answers by
 * itself. No transaction: each statement is one.
 */
export function inOneTrip<T>(db: Database, start: (executor: Executor) => Promise<T>): Promise<T> {
  return db.$together(start);
}

/**
 * One transaction in one round trip: its begin, all that `start` begins before it waits for any,
 * and its commit. So nothing can be decided on the way but by the statements themselves: see
 * {@link demand}. Where one fails, nothing is committed, and the first failure is thrown.
 */
export function transactionInOneTrip<T>(
  db: Database,
  start: (tx: Executor) => Promise<T>,
): Promise<T> {
  return db.$transactionTogether(start);
}

/** Fails its transaction, and with it all that is sent after it, unless the condition holds. */
export async function demand(tx: Executor, condition: SQL): Promise<void> {
  await tx.execute(met(condition));
}

/** The statement of a {@link demand}, for who prepares it. */
function met(condition: SQL): SQL {
  return sql`select 1 / (case when ${condition} then 1 else 0 end)`;
}

/** True for the failure of a {@link demand} or of an assertion (pipeline.ts). */
export function isUnmet(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '22012' || error.code === 'LK001');
}

type Begun = { readonly statement: Query; readonly settle: (rows: Promise<Rows>) => void };

/** Sends what `start` begins; the connection is free when all of it was answered. */
export async function runTogether<T>(
  connection: Pick<Connection, 'run'>,
  start: (place: () => Runner) => Promise<T>,
  answer: (result: Promise<T>) => void,
): Promise<void> {
  const { result, send } = await begin(start);
  answer(result);
  await Promise.allSettled([result, ...send((statement) => connection.run(statement))]);
}

/**
 * A connection that sends a statement when the one before it was answered. Behind a pooler in
 * transaction mode: pgbouncer gives the session away at the answer to a statement, also when the
 * description of the next one, which ends in Flush and not in Sync, is on its way to it. The session is
 * then thrown away as dirty, and the call has no answer (ADR-0009).
 */
export function oneByOne({ run }: Pick<Connection, 'run'>): Pick<Connection, 'run'> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (statement) => {
      const rows = last.then(() => run(statement));
      last = rows.catch(() => undefined);
      return rows;
    },
  };
}

/** The same as one transaction. */
export async function runTransactionTogether<T>(
  connection: Pick<Connection, 'run'>,
  opening: string,
  start: (place: () => Runner) => Promise<T>,
): Promise<T> {
  const { result, send } = await begin(start);
  const failures: unknown[] = [];
  const run = async (statement: Query) => {
    try {
      return await connection.run(statement);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const sent = [run({ text: opening }), ...send(run), run({ text: 'commit' })];
  await Promise.allSettled(sent);
  if (failures.length > 0) throw failures[0];
  return await result;
}

/** @throws what `start` threw before anything was sent: then nothing is */
async function begin<T>(start: (place: () => Runner) => Promise<T>) {
  const places: Begun[][] = [];
  let over = false;
  const refuse = (statement?: Query) =>
    Promise.reject(new DatabaseError({ code: 'TRIP_OVER', statement: statement?.text ?? null }));
  const place = (): Runner => {
    const begun: Begun[] = [];
    places.push(begun);
    const run = (statement: Query): Promise<Rows> =>
      over ? refuse(statement) : new Promise((settle) => begun.push({ statement, settle }));
    return {
      run,
      send: (queries) => queries.map(run),
      transaction: () => refuse(),
    };
  };
  const result = start(place);
  const early: unknown[] = [];
  result.catch((error: unknown) => early.push(error));
  // The query builder takes some microtasks from a call to its statement's text. The queue of ticks
  // is looked at when there are none left.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  over = true;
  if (early.length > 0) throw early[0];
  const send = (run: Connection['run']) =>
    places.flat().map(({ statement, settle }) => {
      const rows = run(statement);
      settle(rows);
      return rows;
    });
  return { result, send };
}

/** An executor each of whose statements has a place of its own, in the order of the calls. */
export function executorOf(place: () => Runner, at: (runner: Runner) => Executor): Executor {
  return new Proxy({} as Executor, {
    get(_, name) {
      const executor = at(place());
      const method: unknown = Reflect.get(executor, name);
      return typeof method === 'function' ? method.bind(executor) : method;
    },
  });
}
