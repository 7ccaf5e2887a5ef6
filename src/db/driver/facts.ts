import { sql } from 'drizzle-orm';
import { firstRow, map, type Statement } from '../statement.ts';
import { MARK } from './session-settings.ts';

/** Facts about the server that a session can query. */
export type DatabaseFacts = {
  readonly version: string;
  readonly encoding: string;
  readonly schema: string | null;
  readonly role: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** True if a pooler between this server and Postgres discards the settings of the session. */
  readonly isPooled: boolean;
  readonly maxConnections: number;
  readonly isSuperuser: boolean;
  /** True if the role can change or delete rows of the audit log. Null if there is no audit log yet. */
  readonly mayRewriteLog: boolean | null;
};

export function databaseFacts(): Statement<DatabaseFacts> {
  const facts = sql<DatabaseFacts>`
    select current_setting('server_version') as version,
      current_setting('server_encoding') as encoding,
      current_schema() as schema,
      current_user as role,
      pg_is_in_recovery() as "isStandby",
      current_setting('transaction_read_only') = 'on' as "isReadOnly",
      current_setting(${MARK}, true) is null as "isPooled",
      current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int as "maxConnections",
      (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
      has_table_privilege(
        to_regclass(quote_ident(current_schema()) || '.audit_events'), 'update, delete'
      ) as "mayRewriteLog"`;
  return map(firstRow(facts), (row) => {
    if (!row) throw new TypeError('A statement without a table has one row.');
    return row;
  });
}

/** The database's time as milliseconds since 1970. */
export function databaseTime(): Statement<number> {
  const time = sql<{ readonly milliseconds: string }>`
    select extract(epoch from clock_timestamp()) * 1000 as milliseconds`;
  return map(firstRow(time), (row) => Number(row?.milliseconds));
}
