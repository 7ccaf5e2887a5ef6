import { type SQL, sql } from 'drizzle-orm';
import { DatabaseError } from '../errors.ts';
import { type Executor, run } from '../executor.ts';
import { rows } from '../statement.ts';
import { type Migration, MigrationError } from './migrations.ts';

/** The table of the applied migrations. It is in the same schema as the tables. */
export const BOOKKEEPING = 'latchkey_migrations';

/** A row of the table of applied migrations. */
export type AppliedMigration = {
  readonly name: string;
  readonly hash: string;
  /**
   * The oldest migration that a server must know to work with a database that has this one. Null if older
   * servers cannot work with it.
   */
  readonly compatibleFrom: string | null;
};

/** The difference between a database and a folder of migrations, as names in order. */
export type MigrationStatus = {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied, but not in the folder: the database is newer than this version of the server. */
  readonly unknown: readonly string[];
  /** Unknown migrations that this version cannot work with: all that are not marked as compatible. */
  readonly incompatible: readonly string[];
  /** Applied, but the file has changed since. */
  readonly edited: readonly string[];
  /** Pending, but older than an applied migration. */
  readonly outOfOrder: readonly string[];
};

/** Compares the applied migrations with the files. */
export function compareMigrations(
  files: readonly Migration[],
  rows: readonly AppliedMigration[],
): MigrationStatus {
  const hashes = new Map(rows.map((row) => [row.name, row.hash]));
  const known = new Set(files.map((file) => file.name));
  const newest =
    rows
      .map((row) => row.name)
      .sort()
      .at(-1) ?? '';
  const latest = files.at(-1)?.name ?? '';
  const unknown = rows.filter((row) => !known.has(row.name));
  const names = (wanted: (file: Migration) => boolean) => files.filter(wanted).map((f) => f.name);
  return {
    applied: names((file) => hashes.has(file.name)),
    pending: names((file) => !hashes.has(file.name)),
    unknown: unknown.map((row) => row.name),
    incompatible: unknown
      .filter(({ name, compatibleFrom }) => name < latest || (compatibleFrom ?? name) > latest)
      .map((row) => row.name),
    edited: names((file) => (hashes.get(file.name) ?? file.hash) !== file.hash),
    outOfOrder: names((file) => !hashes.has(file.name) && file.name < newest),
  };
}

/** Reads the status with one small query, for health checks and the start. */
export async function migrationStatus(
  db: Executor,
  files: readonly Migration[],
): Promise<MigrationStatus> {
  try {
    const applied = await run(db, rows(sql.raw(SELECT_APPLIED) as SQL<AppliedMigration>));
    return compareMigrations(files, applied);
  } catch (error) {
    const isEmpty = error instanceof DatabaseError && error.code === UNDEFINED_TABLE;
    if (isEmpty) return compareMigrations(files, []);
    throw error;
  }
}

/** Selects the applied migrations in order. */
export const SELECT_APPLIED = `select name, hash, compatible_from as "compatibleFrom" from ${BOOKKEEPING} order by name`;
const UNDEFINED_TABLE = '42P01';

/** True if this version of the server can work with the database. */
export function isCurrent(status: MigrationStatus): boolean {
  return status.pending.length === 0 && describeConflict(status) === null;
}

/**
 * Refuses to undo migrations of a newer version. This version has no files to undo them with, and they may
 * depend on older migrations.
 *
 * @throws MigrationError if the database is newer than the files, even if it is compatible
 */
export function refuseNewer({ unknown }: MigrationStatus): void {
  if (unknown.length > 0) throw new MigrationError(newerThanThis(unknown));
}

/** @throws MigrationError if the files contradict the database */
export function refuseConflict(status: MigrationStatus): void {
  const conflict = describeConflict(status);
  if (conflict) throw new MigrationError(conflict);
}

/**
 * Refuses a start that does not migrate by itself.
 *
 * @throws MigrationError if the database is behind or ahead, or contradicts the files
 */
export function refuseOutdated(status: MigrationStatus): void {
  refuseConflict(status);
  if (status.pending.length === 0) return;
  const names = status.pending.join(', ');
  throw new MigrationError(
    `the database is behind this version: ${names} is pending. Run 'latchkey migrate up' first, or set MIGRATE_ON_START=true.`,
  );
}

/** Describes a conflict between files and database that no migration can resolve. Null if there is none. */
export function describeConflict({
  incompatible,
  edited,
  outOfOrder,
}: MigrationStatus): string | null {
  if (incompatible.length > 0) return newerThanThis(incompatible);
  if (edited.length > 0) {
    return `Edited after they were applied: ${edited.join(', ')}. Write a new migration instead.`;
  }
  if (outOfOrder.length > 0) {
    return `Older than what the database has, but not applied: ${outOfOrder.join(', ')}. Renumber.`;
  }
  return null;
}

function newerThanThis(names: readonly string[]): string {
  return `The database is newer than this version of Latchkey: it has ${names.join(', ')}.`;
}
