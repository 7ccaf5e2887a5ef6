import { databaseFault } from '../errors.ts';

/**
 * pgbouncer refuses a log-in that carries settings it does not know, before anything was run.
 * Nor could it keep them: in transaction mode a session is shared. One that is told to ignore settings
 * (`ignore_startup_parameters`) is known by the mark that does not arrive.
 */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';

  constructor() {
    super(
      'The pooler before the database takes no settings. Transactions carry their timeouts ' +
        'themselves; the rest has to be settings of the role (docs/operating/database-role.sql).',
    );
  }
}

/** Tells a refused setting apart from every other fault (pgbouncer: set_startup_options). */
export function orSettingsRefused(error: unknown, statement: string): Error {
  const refused = error instanceof Error && error.message.startsWith('unsupported startup param');
  return refused ? new SettingsRefused() : databaseFault(error, statement);
}

/** Opens a transaction and limits it, in one message: SET LOCAL stays within a pooled session. */
export function beginWith(settings: Readonly<Record<string, string | number>>): string {
  const limits = Object.entries(settings).map(([name, value]) => `set local ${name} = '${value}'`);
  return ['begin', ...limits].join('; ');
}
