import { databaseFault } from '../errors.ts';

/**
 * A pooler rejected the settings of the login. pgbouncer rejects settings that it does not know before it
 * runs any statement. It could not keep them either, because clients share a session in transaction mode. A
 * pooler that ignores settings (`ignore_startup_parameters`) is recognized by the missing mark.
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

/** Distinguishes a rejected setting from every other error (pgbouncer: set_startup_options). */
export function orSettingsRefused(error: unknown, statement: string): Error {
  const refused = error instanceof Error && error.message.startsWith('unsupported startup param');
  return refused ? new SettingsRefused() : databaseFault(error, statement);
}

/** Opens a transaction and sets its limits in one message. SET LOCAL is also safe in a pooled session. */
export function beginWith(settings: Readonly<Record<string, string | number>>): string {
  const limits = Object.entries(settings).map(([name, value]) => `set local ${name} = '${value}'`);
  return ['begin', ...limits].join('; ');
}
