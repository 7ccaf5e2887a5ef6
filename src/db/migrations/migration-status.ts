import { type SQL, sql } from 'drizzle-orm';
import { DatabaseError } from '../errors.ts';
import type { Executor } from '../executor.ts';
import { run } from '../executor.ts';
import { rows } from '../statement.ts';
import { type Migration, MigrationError } from './migrations.ts';

/** The table that says which migrations a database has. Beside the tables it speaks of. */
export const BOOKKEEPING = 'latchkey_migrations';

/** A row of it. */
export type AppliedMigration = {
  readonly name: string;
  readonly hash: string;
  /** The oldest migration a server must know to work beside this one; null when none may. */
  readonly compatibleFrom: string | null;
};

/** How a database and a folder of migrations relate; everything by name, in order. */
export type MigrationStatus = {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied, but unknown here: the database is newer than this version of the server. */
  readonly unknown: readonly string[];
  /** Those of the unknown beside which this version must not work: all that do not say otherwise. */
  readonly incompatible: readonly string[];
  /** The file is no longer the one that was applied. */
  readonly edited: readonly string[];
  /** Pending, but older than one that is applied. */
  readonly outOfOrder: readonly string[];
};

/** Compares what a database has with what the files say. */
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

/** One small query: for the health check and the start. */
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

/** What a database says was applied to it, in order. */
export const SELECT_APPLIED = `select name, hash, compatible_from as "compatibleFrom" from ${BOOKKEEPING} order by name`;
const UNDEFINED_TABLE = '42P01';

/** True when this version of the server can work with the database. */
export function isCurrent(status: MigrationStatus): boolean {
  return status.pending.length === 0 && describeConflict(status) === null;
}

/**
 * For going down: what this version does not know it cannot undo, and what stands on it must not
 * lose its ground.
 *
 * @throws MigrationError when the database is newer than the files, compatible or not
 */
export function refuseNewer({ unknown }: MigrationStatus): void {
  if (unknown.length > 0) throw new MigrationError(newerThanThis(unknown));
}

/** @throws MigrationError when files and database contradict each other */
export function refuseConflict(status: MigrationStatus): void {
  const conflict = describeConflict(status);
  if (conflict) throw new MigrationError(conflict);
}

/**
 * For a start that does not migrate by itself.
 *
 * @throws MigrationError when the database is behind, ahead, or contradicts the files
 */
export function refuseOutdated(status: MigrationStatus): void {
  refuseConflict(status);
  if (status.pending.length === 0) return;
  const names = status.pending.join(', ');
  throw new MigrationError(
    `the database is behind this version: ${names} is pending. Run 'latchkey migrate up' first, or set MIGRATE_ON_START=true.`,
  );
}

/** What stands between files and database and no migration can mend; null when there is nothing. */
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
