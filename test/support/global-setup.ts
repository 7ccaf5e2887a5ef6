import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../dev/embedded-postgres.ts';
import { migrateUp } from '../../src/db/migrations/migrate.ts';
import { type Pgbouncer, startPgbouncer } from './pgbouncer.ts';
import { databaseUrl, runOnServer, TEMPLATE_DATABASE } from './postgres.ts';
import { postgresFolder } from './postgres-folder.ts';
import { SILENT } from './silent-log.ts';

/** Nothing here outlives the run, so nothing needs to survive a power cut. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
};

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

/**
 * One real Postgres for the whole run, in a folder of its own, and in it one migrated database
 * to copy from. With TEST_POOLER=pgbouncer everything but making databases goes through one (F-25).
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await postgresFolder('test');
  const log: string[] = [];
  let server: EmbeddedPostgres | undefined;
  let pooler: Pgbouncer | undefined;
  const teardown = async () => {
    await pooler?.stop();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    server = await startEmbeddedPostgres({
      dataDir: join(folder, 'postgres'),
      settings: SETTINGS,
      log: (line) => log.push(line),
    });
    await runOnServer(server.url, `create database ${TEMPLATE_DATABASE}`);
    await migrateUp(databaseUrl(server.url, TEMPLATE_DATABASE), {
      folder: MIGRATIONS,
      log: SILENT,
    });
    if (process.env['TEST_POOLER'] === 'pgbouncer') pooler = await startPgbouncer(server.url);
    project.provide('bundleFolder', join(folder, 'bundle'));
    project.provide('postgresServerUrl', server.url);
    project.provide('postgresPoolerUrl', pooler?.url ?? null);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}
