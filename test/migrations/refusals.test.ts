import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { migrateDown, migrateUp } from '../../src/db/migrations/migrate.ts';
import { isCurrent, migrationStatus } from '../../src/db/migrations/migration-status.ts';
import { readMigrations } from '../../src/db/migrations/migrations.ts';
import { createSchemaGate } from '../../src/db/migrations/schema-gate.ts';
import { memoryLog, rejection } from '../db/support.ts';
import { queryDatabase } from '../support/query-database.ts';
import { readCatalog } from './catalog.ts';
import { createEmptyDatabase, folderOf, write } from './support.ts';

const log = memoryLog();

const table = (number: string, name: string) => ({
  [`${number}_${name}.sql`]: `create table ${name} (n integer);`,
  [`${number}_${name}.down.sql`]: `drop table ${name};`,
});

async function openMigrated() {
  const folder = await folderOf({ ...table('0000', 'a'), ...table('0002', 'c') });
  const { url, db } = await createEmptyDatabase();
  expect(await migrateUp(url, { folder, log })).toEqual(['0000_a', '0002_c']);
  const status = async () => migrationStatus(db, await readMigrations(folder));
  expect(isCurrent(await status())).toBe(true);
  return { folder, url, db, status };
}

/** Neither direction may touch anything. */
async function expectRefusal(at: Awaited<ReturnType<typeof openMigrated>>, message: string) {
  const before = await readCatalog(at.db);
  const { folder } = at;
  for (const migrate of [
    () => migrateUp(at.url, { folder, log }),
    () => migrateDown(at.url, { folder, log, count: 1 }),
  ]) {
    const error = await rejection(migrate);
    expect(error).toMatchObject({ name: 'MigrationError' });
    expect(error).toHaveProperty('message', expect.stringContaining(message));
  }
  expect(await readCatalog(at.db)).toEqual(before);
}

test('an edited file', async () => {
  const at = await openMigrated();
  await write(at.folder, { '0000_a.sql': 'create table a (n bigint);', ...table('0003', 'd') });
  expect(await at.status()).toMatchObject({ edited: ['0000_a'], pending: ['0003_d'] });
  await expectRefusal(at, '0000_a');
});

test('line ends turned by a checkout are no edit', async () => {
  const folder = await folderOf({ ...table('0000', 'a'), '0000_a.sql': 'select 1;\nselect 2;\n' });
  const { url } = await createEmptyDatabase();
  await migrateUp(url, { folder, log });
  await write(folder, { '0000_a.sql': 'select 1;\r\nselect 2;\r\n' });
  expect(await migrateUp(url, { folder, log })).toEqual([]);
});

test('a file older than what the database has', async () => {
  const at = await openMigrated();
  await write(at.folder, table('0001', 'b'));
  expect(await at.status()).toMatchObject({ outOfOrder: ['0001_b'] });
  expect(isCurrent(await at.status())).toBe(false);
  await expectRefusal(at, '0001_b');
});

test('a database newer than the files', async () => {
  const at = await openMigrated();
  await rm(join(at.folder, '0002_c.sql'));
  await rm(join(at.folder, '0002_c.down.sql'));
  expect(await at.status()).toMatchObject({ unknown: ['0002_c'], pending: [] });
  expect(isCurrent(await at.status())).toBe(false);
  await expectRefusal(at, '0002_c');
});

test.each([
  ['expands', '-- latchkey: expand\n'],
  ['contracts after what this version knows', '-- latchkey: contract after 0002_c\n'],
])('F-16: a database that is newer and %s is worked with, and never undone', async (_, mark) => {
  const at = await openMigrated();
  await write(at.folder, { ...table('0003', 'd'), '0003_d.sql': `${mark}create table d (n int)` });
  expect(await migrateUp(at.url, { folder: at.folder, log })).toEqual(['0003_d']);
  await rm(join(at.folder, '0003_d.sql'));
  await rm(join(at.folder, '0003_d.down.sql'));
  expect(await at.status()).toMatchObject({ unknown: ['0003_d'], incompatible: [] });
  expect(isCurrent(await at.status())).toBe(true);
  expect(await migrateUp(at.url, { folder: at.folder, log })).toEqual([]);
  const down = await rejection(() => migrateDown(at.url, { folder: at.folder, log, count: 1 }));
  expect(down).toHaveProperty('message', expect.stringContaining('0003_d'));
});

test('CF-5: newer and compatible does not excuse newer and not, nor what is pending', async () => {
  const at = await openMigrated();
  const row = (name: string, from: string | null) =>
    queryDatabase(
      at.db,
      sql`insert into latchkey_migrations (name, hash, compatible_from) values (${name}, 'x', ${from})`,
    );
  await row('0003_d', '0000');
  expect(isCurrent(await at.status())).toBe(true);
  await row('0004_e', '0003_d');
  expect(await at.status()).toMatchObject({ incompatible: ['0004_e'] });
  expect(isCurrent(await at.status())).toBe(false);
  await queryDatabase(at.db, sql`delete from latchkey_migrations where name = '0004_e'`);
  await write(at.folder, table('0001', 'b'));
  expect(isCurrent(await at.status())).toBe(false);
});

test('CF-5: a stranger between what this version knows is no newer version', async () => {
  const at = await openMigrated();
  await queryDatabase(
    at.db,
    sql`insert into latchkey_migrations (name, hash, compatible_from) values ('0001_x', 'x', '0000')`,
  );
  expect(await at.status()).toMatchObject({ incompatible: ['0001_x'] });
});

test('CF-5: going on beside a newer database is said, once', async () => {
  const at = await openMigrated();
  const lines = memoryLog();
  const gate = createSchemaGate(at.db, await readMigrations(at.folder), lines);
  await gate.refuseOutdated();
  expect(lines.lines).toEqual([]);
  await queryDatabase(
    at.db,
    sql`insert into latchkey_migrations (name, hash, compatible_from) values ('0003_d', 'x', '0000')`,
  );
  expect([await gate.isCurrent(), await gate.isCurrent()]).toEqual([true, true]);
  expect(lines.lines).toHaveLength(1);
  await queryDatabase(at.db, sql`update latchkey_migrations set compatible_from = null`);
  expect(await gate.isCurrent()).toBe(false);
  expect(await rejection(() => gate.refuseOutdated())).toMatchObject({ name: 'MigrationError' });
});

test('a missing .down.sql', async () => {
  const at = await openMigrated();
  await write(at.folder, { '0003_d.sql': 'select 1' });
  await expectRefusal(at, '0003_d.down.sql is missing');
});

test.each([
  ['a .down.sql of nothing', { '0000_a.down.sql': '' }, 'undoes nothing'],
  ['one number twice', { ...table('0000', 'a'), ...table('0000', 'b') }, 'the same number'],
  [
    'a contraction after nothing',
    { '0000_a.sql': '-- latchkey: contract after 0000_b', '0000_a.down.sql': '' },
    'contracts after 0000_b, which is not before it',
  ],
  [
    'a contraction after itself',
    { '0000_a.sql': '-- latchkey: contract after 0000_a', '0000_a.down.sql': '' },
    'which is not before it',
  ],
  [
    'a mark nobody knows',
    { '0000_a.sql': '-- latchkey: expands', '0000_a.down.sql': '' },
    'unknown mark: expands',
  ],
  ['another name', { 'a.sql': '', 'a.down.sql': '' }, 'NNNN_name'],
])('%s', async (_, files, message) => {
  const error = await rejection(async () => readMigrations(await folderOf(files)));
  expect(error).toHaveProperty('message', expect.stringContaining(message));
});
