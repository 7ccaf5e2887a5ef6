import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { migrateDown, migrateUp } from '../../src/db/migrations/migrate.ts';
import { isCurrent, migrationStatus } from '../../src/db/migrations/migration-status.ts';
import { readMigrations } from '../../src/db/migrations/migrations.ts';
import { transaction } from '../../src/db/transaction.ts';
import { memoryLog, rejection } from '../db/support.ts';
import { queryDatabase } from '../support/query-database.ts';
import { until } from '../support/until.ts';
import { createEmptyDatabase, folderOf } from './support.ts';

const log = memoryLog();
const BREAK = '\n--> statement-breakpoint\n';

const step = (name: string, up: string, down = 'select 1') => ({
  [`${name}.sql`]: up,
  [`${name}.down.sql`]: down,
});

test('of two at once one works and the other finds nothing left to do', async () => {
  const folder = await folderOf({
    ...step('0000_a', `select pg_sleep(0.2)${BREAK}create table a (n integer)`, 'drop table a'),
    ...step('0001_b', `select pg_sleep(0.2)${BREAK}create table b (n integer)`, 'drop table b'),
  });
  const { url } = await createEmptyDatabase();
  const runs = await Promise.all([1, 2, 3].map(() => migrateUp(url, { folder, log })));
  expect(runs.flat().sort()).toEqual(['0000_a', '0001_b']);
  const downs = await Promise.all([1, 2].map(() => migrateDown(url, { folder, log, count: 1 })));
  expect(downs.flat().sort()).toEqual(['0000_a', '0001_b']);
});

test('a migration that fails is undone as a whole, and those before it stay', async () => {
  const folder = await folderOf({
    ...step('0000_a', 'create table a (n integer)'),
    ...step('0001_b', `create table b (n integer)${BREAK}alter table missing add n integer`),
  });
  const { url, db } = await createEmptyDatabase();
  const error = await rejection(() => migrateUp(url, { folder, log }));
  expect(error).toMatchObject({
    name: 'MigrationError',
    message: '0001_b.sql failed: relation "missing" does not exist (42P01)',
  });
  const status = await migrationStatus(db, await readMigrations(folder));
  expect(status).toMatchObject({ applied: ['0000_a'], pending: ['0001_b'] });
  expect(await queryDatabase(db, sql`select to_regclass('b') as b`)).toMatchObject([{ b: null }]);
});

test('going down is all or nothing', async () => {
  const folder = await folderOf({
    ...step('0000_a', 'create table a (n integer)', 'drop table missing'),
    ...step('0001_b', 'create table b (n integer)', 'drop table b'),
  });
  const { url, db } = await createEmptyDatabase();
  await migrateUp(url, { folder, log });
  const error = await rejection(() => migrateDown(url, { folder, log, count: 2 }));
  expect(error).toMatchObject({ message: expect.stringContaining('0000_a.down.sql failed') });
  const status = await migrationStatus(db, await readMigrations(folder));
  expect(status.applied).toEqual(['0000_a', '0001_b']);
  await queryDatabase(db, sql`select * from b`);
});

test('a table in use is waited for in short turns, so that its readers are not held up', async () => {
  const folder = await folderOf(step('0000_a', 'alter table busy add m integer'));
  const { url, db } = await createEmptyDatabase();
  await queryDatabase(db, sql`create table busy (n integer)`);
  const lines = memoryLog();
  let migration: Promise<readonly string[]> = Promise.resolve([]);
  await transaction(db, async (tx) => {
    await queryDatabase(tx, sql`select * from busy`);
    migration = migrateUp(url, { folder, log: lines });
    migration.catch(() => undefined);
    await until(() => lines.lines.includes('migration waiting for table lock'));
  });
  expect(await migration).toEqual(['0000_a']);
});

test('F-16: behind a migration that waits for a table nobody else waits 200 ms', async () => {
  const folder = await folderOf(step('0000_a', 'alter table busy add m integer'));
  const { url, db } = await createEmptyDatabase();
  await queryDatabase(db, sql`create table busy (n integer)`);
  let migration: Promise<readonly string[]> = Promise.resolve([]);
  const waits: number[] = [];
  await transaction(db, async (tx) => {
    await queryDatabase(tx, sql`select * from busy`);
    migration = migrateUp(url, { folder, log });
    migration.catch(() => undefined);
    for (const end = performance.now() + 1_500; performance.now() < end; ) {
      const asked = performance.now();
      await queryDatabase(db, sql`select * from busy`);
      waits.push(performance.now() - asked);
    }
  });
  expect(await migration).toEqual(['0000_a']);
  // Some met the waiting migration and continued when it gave up.
  expect(Math.max(...waits)).toBeGreaterThan(30);
  expect(Math.max(...waits)).toBeLessThan(400);
});

test('with nothing to do no right to create anything is needed', async () => {
  const folder = await folderOf(step('0000_a', 'create table a (n integer)'));
  const { url, db } = await createEmptyDatabase();
  await migrateUp(url, { folder, log });
  const role = `app_${Date.now()}`;
  await queryDatabase(db, sql.raw(`create role ${role} login password 'x'`));
  await queryDatabase(db, sql.raw(`grant usage on schema public to ${role}`));
  await queryDatabase(db, sql.raw(`grant select on all tables in schema public to ${role}`));
  const asApp = new URL(url);
  asApp.username = role;
  asApp.password = 'x';
  expect(await migrateUp(asApp.href, { folder, log })).toEqual([]);
  await queryDatabase(db, sql.raw(`drop owned by ${role}; drop role ${role}`));
});

test('before the first migration everything is pending', async () => {
  const folder = await folderOf(step('0000_a', 'select 1'));
  const { db } = await createEmptyDatabase();
  const status = await migrationStatus(db, await readMigrations(folder));
  expect(status).toMatchObject({ applied: [], pending: ['0000_a'] });
  expect(isCurrent(status)).toBe(false);
});
