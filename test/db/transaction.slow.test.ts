import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Database, Executor } from '../../src/db/executor.ts';
import { pipelineTransaction } from '../../src/db/pipeline.ts';
import { noRows } from '../../src/db/statement.ts';
import { transaction } from '../../src/db/transaction.ts';
import { AppError, ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { queryDatabase } from '../support/query-database.ts';
import { backendPid, openTestDatabase, rejection, timed } from './support.ts';

class Refusal extends AppError {
  constructor() {
    super('No.');
  }
}

async function openCounter() {
  const db = await openTestDatabase();
  await queryDatabase(db, sql`create table counter (n integer primary key)`);
  return {
    db,
    add: (tx: Executor, n: number) =>
      queryDatabase(tx, sql`insert into counter values (${n}::int)`),
    count: async () => (await queryDatabase(db, sql`select n from counter`)).length,
  };
}

test('transaction commits if the work returns, and throws the error of the work unchanged', async () => {
  const { db, add, count } = await openCounter();
  expect(await transaction(db, (tx) => add(tx, 1).then(() => 'done'))).toBe('done');
  expect(await count()).toBe(1);
  const refusal = new Refusal();
  const thrown = await rejection(() =>
    transaction(db, async (tx) => {
      await add(tx, 2);
      throw refusal;
    }),
  );
  expect(thrown).toBe(refusal);
  expect(await count()).toBe(1);
});

test('a failed statement ends its transaction even if the work catches the error', async () => {
  const { db, add, count } = await openCounter();
  const error = await rejection(() =>
    transaction(db, async (tx) => {
      await add(tx, 1);
      await add(tx, 1).catch(() => undefined);
      return 'looks fine';
    }),
  );
  expect(error).toMatchObject({ code: '23505', constraint: 'counter_pkey' });
  expect(await count()).toBe(0);
});

test('a finished transaction runs no statement', async () => {
  const { db, add, count } = await openCounter();
  const escaped = await transaction(db, async (tx) => tx);
  expect(await rejection(() => add(escaped, 1))).toMatchObject({ code: 'TRANSACTION_FINISHED' });
  expect(await count()).toBe(0);
});

test.each([
  ['a transaction', (db: Hiding) => transaction(db, (tx) => tx.run(FAILING))],
  [
    'a pipelined transaction',
    (db: Hiding) => pipelineTransaction(db, [noRows(sql.raw(FAILING.text))]),
  ],
])('a commit that Postgres answers with ROLLBACK fails: %s', async (_, commit) => {
  const { db, count } = await openCounter();
  // The failure of the statement is hidden, so only the answer to the commit reveals it.
  const hiding: Hiding = {
    withConnection: (work) =>
      db.withConnection((connection) =>
        work({
          ...connection,
          run: (query) => {
            const answer = connection.run(query);
            return query.text === FAILING.text
              ? answer.catch(() => connection.run({ text: '' }))
              : answer;
          },
        }),
      ),
  };
  expect(await rejection(() => commit(hiding))).toMatchObject({ code: 'COMMIT_ROLLED_BACK' });
  expect(await count()).toBe(0);
});

type Hiding = Pick<Database, 'withConnection'>;
const FAILING = { text: 'insert into counter values (1), (1)' };

test('if a transaction loses its connection, nothing is committed and no later statement runs', async () => {
  const { db, add, count } = await openCounter();
  const error = await rejection(() =>
    transaction(db, async (tx) => {
      await add(tx, 1);
      await queryDatabase(db, sql`select pg_terminate_backend(${await backendPid(tx)}::int)`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await add(tx, 2);
    }),
  );
  expect(error).toBeInstanceOf(ServiceUnavailableError);
  expect(await count()).toBe(0);
});

test('statements of one transaction may be sent at once', async () => {
  const { db, add, count } = await openCounter();
  await transaction(db, (tx) => Promise.all([add(tx, 1), add(tx, 2), add(tx, 3)]));
  expect(await count()).toBe(3);
});

test('RR-11: a wait for a lock ends within its limit', async () => {
  const { db, add } = await openCounter();
  await add(db, 1);
  const lock = (tx: Executor) =>
    queryDatabase(tx, sql`select n from counter where n = 1 for update`);
  const release = Promise.withResolvers<void>();
  const holder = transaction(db, async (tx) => {
    await lock(tx);
    await release.promise;
  });
  const { error, milliseconds } = await timed(() => lock(db));
  release.resolve();
  await holder;
  expect(error).toBeInstanceOf(ServiceUnavailableError);
  expect(error).toMatchObject({ cause: { code: '55P03' } });
  expect(milliseconds).toBeLessThan(2_500);
});
