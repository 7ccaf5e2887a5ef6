import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { onTestFinished } from 'vitest';
import { closeDatabase, createDatabase } from '../../src/db/driver/client.ts';
import type { Database } from '../../src/db/executor.ts';
import { MIGRATIONS_FOLDER } from '../../src/db/migrations/migrations.ts';
import { memoryLog } from '../db/support.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { queryDatabase } from '../support/query-database.ts';

/** A database with nothing in it, and a pool to look at it with. */
export async function createEmptyDatabase(): Promise<{
  readonly url: string;
  readonly db: Database;
}> {
  const { url, drop } = await createTestDatabase();
  const db = createDatabase({ url, poolSize: 2, log: memoryLog() });
  onTestFinished(async () => {
    await closeDatabase(db);
    await drop();
  });
  await queryDatabase(db, sql`drop schema public cascade`);
  await queryDatabase(db, sql`create schema public`);
  return { url, db };
}

/** A folder of migrations from their texts: `{ '0000_a.sql': 'create …' }`. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await write(folder, files);
  return folder;
}

/** Adds or replaces files. */
export async function write(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)),
  );
}

/** The names of our migrations, oldest first. */
export async function ourMigrations(): Promise<readonly string[]> {
  const files = await readdir(MIGRATIONS_FOLDER);
  return files.filter((file) => /^\d{4}_\w+\.sql$/.test(file)).sort();
}

/** A folder with the oldest `count` of our migrations. */
export async function folderOfOurFirst(count: number): Promise<string> {
  const folder = await folderOf({});
  for (const file of (await ourMigrations()).slice(0, count)) {
    for (const name of [file, file.replace(/\.sql$/, '.down.sql')]) {
      await cp(join(MIGRATIONS_FOLDER, name), join(folder, name));
    }
  }
  return folder;
}
