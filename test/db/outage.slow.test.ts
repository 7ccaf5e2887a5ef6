import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { transaction } from '../../src/db/transaction.ts';
import { ServiceUnavailableError } from '../../src/kernel/errors.ts';
import { queryDatabase } from '../support/query-database.ts';
import { type PrivatePostgres, startPrivatePostgres } from './private-postgres.ts';
import { memoryLog, timed } from './support.ts';

const LIMIT = 3_000;
const RECOVERY = 2_000;

let server: PrivatePostgres;

beforeAll(async () => {
  server = await startPrivatePostgres();
});
afterAll(() => server.remove());

/** A pool whose connections are all open, and a table that shows what was committed. */
async function openWarmDatabase(poolSize: number): Promise<Database> {
  const db = createDatabase({ url: server.url, poolSize, log: memoryLog() });
  onTestFinished(() => closeDatabase(db));
  await Promise.all(
    Array.from({ length: poolSize }, () => queryDatabase(db, sql`select pg_sleep(0.05)`)),
  );
  await queryDatabase(db, sql`drop table if exists traces`);
  await queryDatabase(db, sql`create table traces (name text)`);
  return db;
}

const trace = (name: string) => sql`insert into traces values (${name})`;
const traces = async (db: Database) =>
  (await queryDatabase(db, sql`select name from traces`)).length;

async function expectRecovery(db: Database, since: number): Promise<void> {
  for (;;) {
    const { error } = await timed(() => queryDatabase(db, sql`select 1`));
    if (error === null) break;
    expect(error).toBeInstanceOf(ServiceUnavailableError);
    expect(performance.now() - since).toBeLessThan(RECOVERY);
    await sleep(50);
  }
  const calls = Array.from({ length: 8 }, () =>
    timed(() => queryDatabase(db, sql`select pg_sleep(0.01)`)),
  );
  expect((await Promise.all(calls)).map(({ error }) => error)).toEqual(calls.map(() => null));
  expect(performance.now() - since).toBeLessThan(RECOVERY);
}

test('every call to a frozen Postgres ends within 3 s, and the pool then recovers', async () => {
  const db = await openWarmDatabase(3);
  await server.freeze();
  const calls = [
    ...Array.from({ length: 6 }, () => () => queryDatabase(db, trace('single'))),
    ...Array.from(
      { length: 6 },
      () => () => transaction(db, (tx) => queryDatabase(tx, trace('whole'))),
    ),
  ];
  // The first wave uses the open connections. The second opens connections that nobody answers.
  for (const wave of [1, 2]) {
    for (const { error, milliseconds } of await Promise.all(calls.map(timed))) {
      expect(error, `wave ${wave}`).toBeInstanceOf(ServiceUnavailableError);
      expect(milliseconds).toBeLessThan(LIMIT);
    }
  }
  server.thaw();
  await expectRecovery(db, performance.now());
});

test('a transaction during a freeze ends within 3 s and commits nothing', async () => {
  const db = await openWarmDatabase(2);
  const started = Promise.withResolvers<void>();
  const frozen = Promise.withResolvers<void>();
  const call = timed(() =>
    transaction(db, async (tx) => {
      await queryDatabase(tx, trace('first'));
      started.resolve();
      await frozen.promise;
      await queryDatabase(tx, trace('second'));
    }),
  );
  await started.promise;
  await server.freeze();
  frozen.resolve();
  const { error, milliseconds } = await call;
  expect(error).toBeInstanceOf(ServiceUnavailableError);
  expect(milliseconds).toBeLessThan(LIMIT);
  server.thaw();
  await expectRecovery(db, performance.now());
  await sleep(200);
  expect(await traces(db)).toBe(0);
});

test('during a restart a few calls are refused, and no open transaction crashes the process', async () => {
  const db = await openWarmDatabase(3);
  const started = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const caught = timed(() =>
    transaction(db, async (tx) => {
      await queryDatabase(tx, trace('caught'));
      started.resolve();
      await stopped.promise;
      await queryDatabase(tx, trace('late'));
    }),
  );
  await started.promise;
  await server.stop();
  stopped.resolve();
  expect((await caught).error).toBeInstanceOf(ServiceUnavailableError);
  const { error, milliseconds } = await timed(() => queryDatabase(db, trace('down')));
  expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  expect(milliseconds).toBeLessThan(1_000);
  await server.start();
  await expectRecovery(db, performance.now());
  expect(await traces(db)).toBe(0);
});

test('closeDatabase does not wait for a frozen Postgres', async () => {
  const db = await openWarmDatabase(2);
  await server.freeze();
  const { milliseconds } = await timed(() => closeDatabase(db));
  expect(milliseconds).toBeLessThan(LIMIT);
  server.thaw();
});
