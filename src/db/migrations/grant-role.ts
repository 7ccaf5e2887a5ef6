import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../kernel/ports.ts';
import { inTurn } from './migration-turn.ts';

/** What the server's role may do. It also stands alone, for psql. */
const DATABASE_ROLE = fileURLToPath(
  new URL('../../../docs/operating/database-role.sql', import.meta.url),
);

/** A role's name that needs no quoting: it ends up in a statement. */
const ROLE = /^[a-z_][a-z0-9_]{0,62}$/;

/** True for a name that {@link grantServerRole} takes. */
export function isRoleName(text: string): boolean {
  return ROLE.test(text);
}

/**
 * Gives the server's role what this version's tables need, all of it or nothing, while no migration runs.
 * Repeating it changes nothing.
 *
 * @throws MigrationError when there is no such role, or the tables are not this role's to give
 */
export async function grantServerRole(url: string, role: string, log: Log): Promise<void> {
  if (!isRoleName(role)) throw new RangeError('role must be a plain name');
  const text = await readFile(DATABASE_ROLE, 'utf8');
  const statements = statementsOf(text.replaceAll(":'role'", `'${role}'`));
  await inTurn(url, log, async (runner) => {
    for (const statement of statements) await runner.run({ text: statement });
  });
}

/** The statements of a file: they end with a semicolon, but not one between two `$$`. */
function statementsOf(text: string): readonly string[] {
  const parts = text.replaceAll(/^\s*--.*\n/gm, '').split('$$');
  // Every second part is a body.
  const marked = parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(';', END)));
  return marked
    .join('$$')
    .split(END)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Stands in no file of SQL. */
const END = '\u0000';
