import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../kernel/ports.ts';
import { withMigrationLock } from './migration-lock.ts';

/** The privileges of the server's role. Operators can also run the file with psql. */
const DATABASE_ROLE = fileURLToPath(
  new URL('../../../docs/operating/database-role.sql', import.meta.url),
);

/** Only a role name that needs no quoting is accepted, because the name becomes part of a statement. */
const ROLE = /^[a-z_][a-z0-9_]{0,62}$/;

/** True if {@link grantServerRole} accepts the name. */
export function isRoleName(text: string): boolean {
  return ROLE.test(text);
}

/**
 * Grants the server's role the privileges that this version needs, in one transaction and while no migration
 * runs. Repeating the call changes nothing.
 *
 * @throws MigrationError if the role does not exist, or the current role does not own the tables
 */
export async function grantServerRole(url: string, role: string, log: Log): Promise<void> {
  if (!isRoleName(role)) throw new RangeError('role must be a plain name');
  const text = await readFile(DATABASE_ROLE, 'utf8');
  const statements = statementsOf(text.replaceAll(":'role'", `'${role}'`));
  await withMigrationLock(url, log, async (runner) => {
    for (const statement of statements) await runner.run({ text: statement });
  });
}

/** Splits a file into statements. A semicolon ends a statement unless it is between two `$$`. */
function statementsOf(text: string): readonly string[] {
  const parts = text.replaceAll(/^\s*--.*\n/gm, '').split('$$');
  // Every second part is the body of a function.
  const marked = parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(';', END)));
  return marked
    .join('$$')
    .split(END)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** A character that no SQL file contains. */
const END = '\u0000';
