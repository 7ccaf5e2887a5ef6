import type { Log } from '../../kernel/ports.ts';
import { refuseUnfitServer } from '../driver/start-check.ts';
import type { Executor } from '../executor.ts';
import { withMigrationLock } from './migration-lock.ts';
import {
  type AppliedMigration,
  BOOKKEEPING,
  compareMigrations,
  type MigrationStatus,
  refuseConflict,
  refuseNewer,
  SELECT_APPLIED,
} from './migration-status.ts';
import { type Migration, MigrationError, readMigrations } from './migrations.ts';

/** The folder of the migrations, and the log for progress. */
export type MigrateOptions = { readonly folder: string; readonly log: Log };

/**
 * Applies the pending migrations, each together with its bookkeeping row in one transaction. If several
 * processes call this function, one applies the migrations; the others wait and then find none pending.
 *
 * @returns the names of the migrations that this call applied
 * @throws MigrationError if the files contradict the database, before anything is changed; or if a migration
 *   fails, in which case the earlier ones stay applied
 */
export async function migrateUp(url: string, options: MigrateOptions): Promise<readonly string[]> {
  const files = await readMigrations(options.folder);
  const done: string[] = [];
  for (;;) {
    const name = await withMigrationLock(url, options.log, async (runner) => {
      const { pending } = await currentStatus(runner, files);
      const next = files.find((file) => file.name === pending[0]);
      if (!next) return null;
      await runAll(runner, `${next.name}.sql`, next.up);
      await runner.run({
        text: `insert into ${BOOKKEEPING} (name, hash, compatible_from) values ($1, $2, $3)`,
        params: [next.name, next.hash, next.compatibleFrom],
      });
      return next.name;
    });
    if (name === null) return done;
    options.log.info({ migration: name }, 'migration applied');
    done.push(name);
  }
}

/**
 * Undoes the newest migrations, newest first, all of them or none.
 *
 * @returns the names of the migrations that were undone
 */
export async function migrateDown(
  url: string,
  { folder, log, count }: MigrateOptions & { readonly count: number },
): Promise<readonly string[]> {
  if (!(Number.isInteger(count) && count > 0)) throw new RangeError('count must be 1 or more');
  const files = await readMigrations(folder);
  const names = await withMigrationLock(url, log, async (runner) => {
    const status = await currentStatus(runner, files);
    refuseNewer(status);
    const undone = files
      .filter((file) => status.applied.includes(file.name))
      .reverse()
      .slice(0, count);
    for (const { name, down } of undone) {
      await runAll(runner, `${name}.down.sql`, down);
      await runner.run({ text: `delete from ${BOOKKEEPING} where name = $1`, params: [name] });
    }
    return undone.map((file) => file.name);
  });
  for (const name of names) log.info({ migration: name }, 'migration undone');
  return names;
}

/** @throws MigrationError if the files contradict the database */
async function currentStatus(
  runner: Executor,
  files: readonly Migration[],
): Promise<MigrationStatus> {
  await refuseUnfitServer(runner);
  const [{ table } = {}] = await runner.run({
    text: `select to_regclass('${BOOKKEEPING}') as table`,
  });
  // Not "if not exists", because that requires the privilege to create tables, which a server need not have
  // (DR-3).
  if (table === null) await runner.run({ text: CREATE_BOOKKEEPING });
  const rows = await runner.run({ text: SELECT_APPLIED });
  const status = compareMigrations(files, rows.map(toApplied));
  refuseConflict(status);
  return status;
}

const CREATE_BOOKKEEPING = `create table ${BOOKKEEPING} (
  name text primary key,
  hash text not null,
  compatible_from text,
  applied_at timestamptz not null default now()
)`;

function toApplied(row: Readonly<Record<string, unknown>>): AppliedMigration {
  const { name, hash, compatibleFrom } = row;
  return {
    name: String(name),
    hash: String(hash),
    compatibleFrom: compatibleFrom === null ? null : String(compatibleFrom),
  };
}

async function runAll(
  runner: Executor,
  file: string,
  statements: readonly string[],
): Promise<void> {
  for (const text of statements) {
    try {
      await runner.run({ text });
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      throw new MigrationError(`${file} failed: ${error.message}`, error.code);
    }
  }
}
