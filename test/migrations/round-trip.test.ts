import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { migrateDown, migrateUp } from '../../src/db/migrations/migrate.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/db/migrations/migrations.ts';
import { memoryLog } from '../db/support.ts';
import { queryDatabase } from '../support/query-database.ts';
import { readCatalog } from './catalog.ts';
import { createEmptyDatabase, folderOfOurFirst, ourMigrations } from './support.ts';

const log = memoryLog();

test('every migration: up, down, up gives the same catalog', async () => {
  const { url, db } = await createEmptyDatabase();
  const names = await ourMigrations();
  expect(names.length).toBeGreaterThan(0);
  await migrateUp(url, { folder: await folderOfOurFirst(0), log });
  for (const index of names.keys()) {
    const folder = await folderOfOurFirst(index + 1);
    const before = await readCatalog(db);
    await migrateUp(url, { folder, log });
    const up = await readCatalog(db);
    expect(up).not.toEqual(before);
    await migrateDown(url, { folder, log, count: 1 });
    expect(await readCatalog(db), `after the .down.sql of ${names[index]}`).toEqual(before);
    await migrateUp(url, { folder, log });
    expect(await readCatalog(db), `after ${names[index]} again`).toEqual(up);
  }
});

test('all of them go down at once, too', async () => {
  const { url, db } = await createEmptyDatabase();
  await migrateUp(url, { folder: await folderOfOurFirst(0), log });
  const empty = await readCatalog(db);
  const up = await migrateUp(url, { folder: MIGRATIONS_FOLDER, log });
  const down = await migrateDown(url, { folder: MIGRATIONS_FOLDER, log, count: 9_999 });
  expect(down).toEqual(up.toReversed());
  expect(await readCatalog(db)).toEqual(empty);
});

test('LG-9: a migrated database has no account and no session', async () => {
  const { url, db } = await createEmptyDatabase();
  await migrateUp(url, { folder: MIGRATIONS_FOLDER, log });
  const counts = await queryDatabase(
    db,
    sql`
    select (select count(*)::int from users) as users, (select count(*)::int from sessions) as sessions`,
  );
  expect([...counts]).toEqual([{ users: 0, sessions: 0 }]);
});

test('the files are those drizzle-kit knows of', async () => {
  const journal: { entries: { tag: string }[] } = JSON.parse(
    await readFile(join(MIGRATIONS_FOLDER, 'meta', '_journal.json'), 'utf8'),
  );
  const names = (await readMigrations(MIGRATIONS_FOLDER)).map((migration) => migration.name);
  expect(names).toEqual(journal.entries.map((entry) => entry.tag));
});
