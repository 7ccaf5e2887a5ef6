import type { DatabaseTarget } from '../../kernel/database-url.ts';

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
