import type { DatabaseTarget } from '../../kernel/database-url.ts';
import { databaseFault } from '../errors.ts';

/**
 * One setting that the code relies on. It overrides the settings of the server, the database and the role.
 */
type SessionSetting = {
  readonly name: string;
  readonly value: string;
  /** Accepts other values that work as well, for a role whose settings a pooler applies to its sessions. */
  readonly alsoFits?: (value: string) => boolean;
};

/**
 * Settings that decide how values are written and read and how transactions behave. `alter database … set`,
 * `alter role … set` and postgresql.conf could otherwise change them.
 */
export const SESSION_SETTINGS: readonly SessionSetting[] = [
  { name: 'bytea_output', value: 'hex' },
  { name: 'client_encoding', value: 'UTF8' },
  { name: 'DateStyle', value: 'ISO, MDY', alsoFits: (value) => value.startsWith('ISO') },
  { name: 'default_transaction_deferrable', value: 'off' },
  { name: 'default_transaction_isolation', value: 'read committed' },
  { name: 'extra_float_digits', value: '1', alsoFits: (value) => Number(value) >= 1 },
  { name: 'IntervalStyle', value: 'postgres' },
  { name: 'standard_conforming_strings', value: 'on' },
  { name: 'TimeZone', value: 'UTC', alsoFits: (value) => UTC.has(value) },
  { name: 'transform_null_equals', value: 'off' },
];

const UTC = new Set(['Etc/UTC', 'Etc/UCT', 'UCT', 'GMT', 'Etc/GMT', 'Zulu', 'Etc/Zulu']);

/**
 * A custom setting of this server. If it is missing in a session, a pooler between this server and Postgres
 * discards settings.
 */
export const MARK = 'latchkey.session';

/**
 * The settings sent at login. `default_transaction_read_only` is not among them, because the operator may set
 * it.
 */
export function logInSettings(
  { schema }: Pick<DatabaseTarget, 'schema'>,
  limits: Readonly<Record<string, number>>,
): Record<string, string | number> {
  return {
    ...Object.fromEntries(SESSION_SETTINGS.map(({ name, value }) => [name, value])),
    ...limits,
    ...(schema !== null && { search_path: quoteIdentifier(schema) }),
    [MARK]: 'kept',
  };
}

/** Quotes a name as an SQL identifier. */
function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A pooler rejected the settings of the login. pgbouncer rejects settings that it does not know before it
 * runs any statement. It could not keep them either, because clients share a session in transaction mode. A
 * pooler that ignores settings (`ignore_startup_parameters`) is recognized by the missing mark.
 */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';

  constructor() {
    super(
      'The pooler in front of the database accepts no settings. Each transaction sets its own timeouts. ' +
        'The other settings must be settings of the role (docs/operating/database-role.sql).',
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
