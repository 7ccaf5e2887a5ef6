import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this version's migrations. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../drizzle', import.meta.url));

/** One step of the schema, as files `NNNN_name.sql` and `NNNN_name.down.sql`. */
export type Migration = {
  readonly name: string;
  /** Hash of the .sql file. An applied migration must never change. */
  readonly hash: string;
  /**
   * Servers that know this migration, or a later one, keep working when this one is applied. Null if no older
   * server does.
   */
  readonly compatibleFrom: string | null;
  readonly up: readonly string[];
  readonly down: readonly string[];
};

/** A migration that must not run, or that failed. After a failure, `code` is the SQLSTATE. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

/**
 * Reads a folder of migrations in the order of their numbers.
 *
 * @throws MigrationError if a .down.sql is missing or two files have the same number
 */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const downs = files.filter((file) => file.endsWith(DOWN));
  const names = files.filter((file) => !file.endsWith(DOWN)).map((file) => file.slice(0, -4));

  for (const [index, name] of names.entries()) {
    if (!/^\d{4}_\w+$/.test(name)) throw new MigrationError(`${name}.sql is not NNNN_name.sql.`);
    if (!downs.includes(name + DOWN)) throw new MigrationError(`${name}${DOWN} is missing.`);
    const previous = names[index - 1];
    if (previous?.slice(0, 4) === name.slice(0, 4)) {
      throw new MigrationError(`${previous}.sql and ${name}.sql have the same number.`);
    }
  }
  const stray = downs.find((file) => !names.includes(file.slice(0, -DOWN.length)));
  if (stray) throw new MigrationError(`${stray} undoes nothing: its .sql is missing.`);

  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)));
  for (const { name, compatibleFrom } of migrations) {
    const exists = compatibleFrom === ANY_SERVER || names.includes(compatibleFrom ?? name);
    if (exists && (compatibleFrom ?? '') < name) continue;
    throw new MigrationError(
      `${name}.sql contracts after ${compatibleFrom}, which is not before it.`,
    );
  }
  return migrations;
}

/** Sorts before every name: compatible with all servers. */
const ANY_SERVER = '0000';

const DOWN = '.down.sql';
/** drizzle-kit's mark between two statements. */
const BREAKPOINT = '--> statement-breakpoint';

async function readMigration(folder: string, name: string): Promise<Migration> {
  const [up, down] = await Promise.all([
    readText(join(folder, `${name}.sql`)),
    readText(join(folder, name + DOWN)),
  ]);
  return {
    name,
    hash: createHash('sha256').update(up).digest('hex'),
    compatibleFrom: compatibleFrom(name, up),
    up: statementsOf(up),
    down: statementsOf(down),
  };
}

/** `-- latchkey: expand` or `-- latchkey: contract after 0007_name`, as the first line. */
function compatibleFrom(name: string, text: string): string | null {
  const [, mark] = /^-- latchkey: *(.*?) *(?:\n|$)/.exec(text) ?? [];
  if (mark === undefined) return null;
  if (mark === 'expand') return ANY_SERVER;
  const [, since] = /^contract after (\d{4}_\w+)$/.exec(mark) ?? [];
  if (since === undefined) throw new MigrationError(`${name}.sql has an unknown mark: ${mark}.`);
  return since;
}

/** Line ends are normalized, because a checkout that converts them has not edited the file. */
async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
}

function statementsOf(text: string): readonly string[] {
  return text
    .split(BREAKPOINT)
    .map((statement) => statement.trim())
    .filter((statement) => statement.length > 0);
}
