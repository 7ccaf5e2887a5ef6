import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { migrateDown, migrateUp } from '../../src/db/migrate.ts';
import { isCurrent, migrationStatus } from '../../src/db/migration-status.ts';
import { readMigrations } from '../../src/db/migrations.ts';
import { memoryLog, rejection } from '../db/support.ts';
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

test('a missing .down.sql', async () => {
  const at = await openMigrated();
  await write(at.folder, { '0003_d.sql': 'select 1' });
  await expectRefusal(at, '0003_d.down.sql is missing');
});

test.each([
  ['a .down.sql of nothing', { '0000_a.down.sql': '' }, 'undoes nothing'],
  ['one number twice', { ...table('0000', 'a'), ...table('0000', 'b') }, 'the same number'],
  ['another name', { 'a.sql': '', 'a.down.sql': '' }, 'NNNN_name'],
])('%s', async (_, files, message) => {
  const error = await rejection(async () => readMigrations(await folderOf(files)));
  expect(error).toHaveProperty('message', expect.stringContaining(message));
});
