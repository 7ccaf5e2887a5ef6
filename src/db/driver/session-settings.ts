import type { DatabaseTarget } from '../../kernel/database-url.ts';

/** One setting that the code relies on, whatever the server, the database or the role says. */
type SessionSetting = {
  readonly name: string;
  readonly value: string;
  /** Other values that do as well, for a role whose settings a pooler gives to its sessions. */
  readonly alsoFits?: (value: string) => boolean;
};

/**
 * How values are written and read, and what a transaction means. Of these `alter database … set`,
 * `alter role … set` and postgresql.conf decide otherwise.
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

/** A setting of our own: where it is missing, somebody between us and Postgres keeps settings away. */
export const MARK = 'latchkey.session';

/** What is sent with the log-in. `default_transaction_read_only` is the operator's, and not among them. */
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

/** A name as SQL writes it. */
function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
