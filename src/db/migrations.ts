import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One step of the schema, as files `NNNN_name.sql` and `NNNN_name.down.sql`. */
export type Migration = {
  readonly name: string;
  /** Of the .sql file: what was applied must never be another text later. */
  readonly hash: string;
  readonly up: readonly string[];
  readonly down: readonly string[];
};

/** A migration that must not run, or that failed; `code` is then the SQLSTATE. */
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
 * @throws MigrationError when a .down.sql is missing or two files have one number
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

  return Promise.all(names.map((name) => readMigration(folder, name)));
}

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
    up: statementsOf(up),
    down: statementsOf(down),
  };
}

/** A checkout that turned the line ends has not edited the file. */
async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
}

function statementsOf(text: string): readonly string[] {
  return text
    .split(BREAKPOINT)
    .map((statement) => statement.trim())
    .filter((statement) => statement.length > 0);
}
