import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { run } from '../../src/db/executor.ts';
import {
  assertInTransaction,
  isAssertionFailure,
  pipeline,
  pipelineTransaction,
  startPipeline,
} from '../../src/db/pipeline.ts';
import { firstRow, map, noRows, rows } from '../../src/db/statement.ts';
import { transaction } from '../../src/db/transaction.ts';
import { openTestDatabase, rejection } from './support.ts';

async function openCounter() {
  const db = await openTestDatabase();
  await db.run({ text: 'create table counter (n integer primary key)' });
  return {
    db,
    add: (n: number) => noRows(sql`insert into counter values (${n}::int)`),
    count: map(
      firstRow(sql<{ n: number }>`select count(*)::int as n from counter`),
      (row) => row?.n,
    ),
    numbers: map(rows(sql<{ n: number }>`select n from counter order by n`), (all) =>
      all.map(({ n }) => n),
    ),
  };
}

const has = (n: number) =>
  assertInTransaction(`has-${n}`, sql`exists (select from counter where n = ${n}::int)`);

test('a pipelined transaction commits its statements in their order and answers each of them', async () => {
  const { db, add, count, numbers } = await openCounter();
  expect(await pipelineTransaction(db, [add(1), count, null, add(2), count])).toEqual([
    undefined,
    1,
    null,
    undefined,
    2,
  ]);
  expect(await run(db, numbers)).toEqual([1, 2]);
});

test('a false assertion fails the transaction with the statements before and after it', async () => {
  const { db, add, numbers } = await openCounter();
  const error = await rejection(() => pipelineTransaction(db, [add(1), has(7), add(2)]));
  expect(isAssertionFailure(error)).toBe(true);
  expect(isAssertionFailure(error, 'has-7')).toBe(true);
  expect(isAssertionFailure(error, 'has-8')).toBe(false);
  expect(await run(db, numbers)).toEqual([]);
  await pipelineTransaction(db, [add(7), has(7)]);
  expect(await run(db, numbers)).toEqual([7]);
});

test('a condition that is neither true nor false fails its assertion', async () => {
  const { db } = await openCounter();
  const unknown = assertInTransaction('known', sql`null::boolean`);
  const error = await rejection(() => pipelineTransaction(db, [unknown]));
  expect(isAssertionFailure(error, 'known')).toBe(true);
});

test('an assertion ends an ordinary transaction as well', async () => {
  const { db, add, numbers } = await openCounter();
  const error = await rejection(() =>
    transaction(db, async (tx) => {
      await run(tx, add(1));
      await run(tx, has(7));
    }),
  );
  expect(isAssertionFailure(error, 'has-7')).toBe(true);
  expect(await run(db, numbers)).toEqual([]);
});

test('if a statement fails, nothing is committed and its failure is thrown', async () => {
  const { db, add, numbers } = await openCounter();
  await run(db, add(1));
  const error = await rejection(() => pipelineTransaction(db, [add(2), add(1), has(7), add(3)]));
  expect(error).toMatchObject({ code: '23505', constraint: 'counter_pkey' });
  expect(isAssertionFailure(error)).toBe(false);
  expect(await run(db, numbers)).toEqual([1]);
});

test('a result is read when its answer arrives, although a later statement fails the transaction', async () => {
  const { db, add, count } = await openCounter();
  const seen: unknown[] = [];
  await rejection(() => pipelineTransaction(db, [add(1), map(count, (n) => seen.push(n)), has(7)]));
  expect(seen).toEqual([1]);
});

test('the statements of a pipeline on the pool are transactions of their own', async () => {
  const { db, add, numbers } = await openCounter();
  const error = await rejection(() => pipeline(db, [add(1), add(1), add(2)]));
  expect(error).toMatchObject({ code: '23505' });
  expect(await run(db, numbers)).toEqual([1, 2]);
});

test('the statements of a pipeline in a transaction are part of it', async () => {
  const { db, add, count, numbers } = await openCounter();
  await rejection(() =>
    transaction(db, async (tx) => {
      expect(await pipeline(tx, [add(1), count, add(2), count])).toEqual([
        undefined,
        1,
        undefined,
        2,
      ]);
      throw new TypeError('Roll back.');
    }),
  );
  expect(await run(db, numbers)).toEqual([]);
});

test('if statements of a transaction are sent at once, the first failure is thrown', async () => {
  const { db, add } = await openCounter();
  const error = await rejection(() =>
    transaction(db, async (tx) => {
      const [, , late] = startPipeline(tx, [add(1), add(1), add(2)]);
      await late;
    }),
  );
  expect(error).toMatchObject({ code: '23505' });
});

test('each statement of a pipeline has its own answer, and the first does not wait for the last', async () => {
  const { db } = await openCounter();
  const one = firstRow(sql<{ one: number }>`select 1 as one`);
  const [quick, failing, slow] = startPipeline(db, [
    one,
    noRows(sql`select 1 / 0`),
    map(noRows(sql`select pg_sleep(0.3)`), () => 'slept'),
  ]);
  expect(await quick).toEqual({ one: 1 });
  expect(db.pool.stats().idle).toBe(0);
  expect(await rejection(() => failing)).toMatchObject({ code: '22012' });
  expect(await slow).toBe('slept');
});

test('without a connection every statement of a pipeline fails with the reason', async () => {
  const db = await openTestDatabase();
  await db.pool.close();
  const one = rows(sql`select 1`);
  for (const answer of startPipeline(db, [one, one])) {
    expect(await rejection(() => answer)).toMatchObject({ cause: { code: 'POOL_CLOSED' } });
  }
  expect(await rejection(() => pipelineTransaction(db, [one]))).toMatchObject({
    cause: { code: 'POOL_CLOSED' },
  });
});
