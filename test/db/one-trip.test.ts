import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Executor } from '../../src/db/driver/client.ts';
import { demand, inOneTrip, isUnmet, transactionInOneTrip } from '../../src/db/one-trip.ts';
import { openTestDatabase, rejection } from './support.ts';

async function openCounter() {
  const db = await openTestDatabase();
  await db.execute(sql`create table counter (n integer primary key)`);
  return {
    db,
    add: (tx: Executor, n: number) => tx.execute(sql`insert into counter values (${n}::int)`),
    rows: async () =>
      (await db.execute<{ n: number }>(sql`select n from counter order by n`)).map(({ n }) => n),
  };
}

test('a transaction in one trip commits all of it, in the order of the calls', async () => {
  const { db, add, rows } = await openCounter();
  const seen = await transactionInOneTrip(db, (tx) =>
    Promise.all([
      add(tx, 1),
      tx.execute<{ count: string }>(sql`select count(*) from counter`),
      // Begun last, though its builder reaches the wire sooner or later than the others.
      add(tx, 2),
      tx.execute<{ count: string }>(sql`select count(*) from counter`),
    ]),
  );
  expect([seen[1][0]?.count, seen[3][0]?.count]).toEqual(['1', '2']);
  expect(await rows()).toEqual([1, 2]);
});

test('a demand that is not met takes all with it, also what was sent after it', async () => {
  const { db, add, rows } = await openCounter();
  const error = await rejection(() =>
    transactionInOneTrip(db, (tx) =>
      Promise.all([
        add(tx, 1),
        demand(tx, sql`exists (select from counter where n = 7)`),
        add(tx, 2),
      ]),
    ),
  );
  expect(isUnmet(error)).toBe(true);
  expect(await rows()).toEqual([]);
  await transactionInOneTrip(db, (tx) =>
    Promise.all([add(tx, 7), demand(tx, sql`exists (select from counter where n = 7)`)]),
  );
  expect(await rows()).toEqual([7]);
});

test('a statement that fails commits nothing, and its failure is the one that is told', async () => {
  const { db, add, rows } = await openCounter();
  await add(db, 1);
  const error = await rejection(() =>
    transactionInOneTrip(db, (tx) => Promise.all([add(tx, 2), add(tx, 1), add(tx, 3)])),
  );
  expect(error).toMatchObject({ code: '23505', constraint: 'counter_pkey' });
  expect(isUnmet(error)).toBe(false);
  expect(await rows()).toEqual([1]);
});

test('work that throws before anything is sent sends nothing', async () => {
  const { db, add, rows } = await openCounter();
  const thrown = await rejection(() =>
    transactionInOneTrip(db, async (tx) => {
      add(tx, 1).then(
        () => undefined,
        () => undefined,
      );
      throw new TypeError('no');
    }),
  );
  expect(thrown).toBeInstanceOf(TypeError);
  expect(await rows()).toEqual([]);
});

test('what is begun only after an answer came is refused: it would not be part of the transaction', async () => {
  const { db, add, rows } = await openCounter();
  const error = await rejection(() =>
    transactionInOneTrip(db, async (tx) => {
      await add(tx, 1);
      await add(tx, 2);
    }),
  );
  expect(error).toMatchObject({ code: 'TRIP_OVER' });
  expect(await rows()).toEqual([1]);
});

test('of statements sent together each answers by itself, and one does not wait for the next', async () => {
  const { db } = await openCounter();
  const slow = Promise.withResolvers<unknown>();
  const [first] = await inOneTrip(db, async (executor) => {
    const quick = executor.execute<{ one: number }>(sql`select 1 as one`);
    slow.resolve(Promise.resolve(executor.execute(sql`select pg_sleep(0.3)`)).then(() => 'slept'));
    return await quick;
  });
  expect(first?.one).toBe(1);
  expect(db.pool.stats().idle).toBe(0);
  expect(await slow.promise).toBe('slept');
});
