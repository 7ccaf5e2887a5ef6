import { sql } from 'drizzle-orm';
import type { Executor } from './client.ts';
import { DatabaseError } from './errors.ts';
import { type Migration, MigrationError } from './migrations.ts';

/** The table that says which migrations a database has. Beside the tables it speaks of. */
export const BOOKKEEPING = 'latchkey_migrations';

/** A row of it. */
export type AppliedMigration = { readonly name: string; readonly hash: string };

/** How a database and a folder of migrations relate; everything by name, in order. */
export type MigrationStatus = {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied, but unknown here: the database is newer than this version of the server. */
  readonly unknown: readonly string[];
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
  const names = (wanted: (file: Migration) => boolean) => files.filter(wanted).map((f) => f.name);
  return {
    applied: names((file) => hashes.has(file.name)),
    pending: names((file) => !hashes.has(file.name)),
    unknown: rows.map((row) => row.name).filter((name) => !known.has(name)),
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
    const rows = await db.execute<AppliedMigration>(sql.raw(SELECT_APPLIED));
    return compareMigrations(files, rows);
  } catch (error) {
    const isEmpty = error instanceof DatabaseError && error.code === UNDEFINED_TABLE;
    if (isEmpty) return compareMigrations(files, []);
    throw error;
  }
}

export const SELECT_APPLIED = `select name, hash from ${BOOKKEEPING} order by name`;
const UNDEFINED_TABLE = '42P01';

/** True when this version of the server can work with the database. */
export function isCurrent(status: MigrationStatus): boolean {
  return status.pending.length === 0 && describeConflict(status) === null;
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
export function describeConflict({ unknown, edited, outOfOrder }: MigrationStatus): string | null {
  if (unknown.length > 0) {
    return `The database is newer than this version of Latchkey: it has ${unknown.join(', ')}.`;
  }
  if (edited.length > 0) {
    return `Edited after they were applied: ${edited.join(', ')}. Write a new migration instead.`;
  }
  if (outOfOrder.length > 0) {
    return `Older than what the database has, but not applied: ${outOfOrder.join(', ')}. Renumber.`;
  }
  return null;
}
