import { type SQL, sql } from 'drizzle-orm';
import type { Database, Executor } from '../executor.ts';
import { REQUIRED_FUNCTIONS, REQUIRED_PRIVILEGES } from '../migrations/required-privileges.ts';
import { pipeline } from '../pipeline.ts';
import { firstRow, map, rows, type Statement } from '../statement.ts';
import { MARK, SESSION_SETTINGS } from './session-settings.ts';

/**
 * The server must not use this database in its present state. The message says what to do, one problem a
 * line.
 */
class UnfitDatabaseError extends Error {
  override readonly name = 'UnfitDatabaseError';

  constructor(problems: readonly string[]) {
    super(`the database is not fit for this server:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  }
}

type Server = {
  readonly version: number;
  readonly encoding: string;
  readonly schema: string | null;
  readonly path: string;
  readonly role: string;
};

const SELECT_SERVER = `select current_setting('server_version_num')::int as version,
  current_setting('server_encoding') as encoding, current_schema() as schema,
  current_setting('search_path') as path, current_user as role`;

const OLDEST_VERSION = 150_000;

/**
 * Checks the server before any migration, because a problem that shows later would leave half a schema.
 *
 * @throws UnfitDatabaseError
 */
export async function refuseUnfitServer(runner: Pick<Executor, 'run'>): Promise<void> {
  const [row] = await runner.run({ text: SELECT_SERVER });
  const problems = problemsOfServer(row as unknown as Server);
  if (problems.length > 0) throw new UnfitDatabaseError(problems);
}

/**
 * Checks that everything that requests need exists and is permitted. So a forgotten GRANT is reported at the
 * start and not as a 500 at the first sign-in.
 *
 * @throws UnfitDatabaseError with all problems
 */
export async function refuseUnfitDatabase(db: Database): Promise<void> {
  const { server, tables, privileges, settings } = await inspectDatabase(db);
  const problems = [...server, ...tables, ...privileges, ...settings];
  if (problems.length > 0) throw new UnfitDatabaseError(problems);
}

/** The problems of a database by their kind. Each is a sentence that says what to do. */
export type DatabaseProblems = {
  /** Problems with version, encoding or schema. With one of them, nothing works. */
  readonly server: readonly string[];
  /** Missing tables and functions, which migrations create. */
  readonly tables: readonly string[];
  readonly privileges: readonly string[];
  /** Wrong settings of the session. They can only be wrong behind a pooler; otherwise the login sets them. */
  readonly settings: readonly string[];
};

/** Inspects everything that requests need, and changes nothing. */
export async function inspectDatabase(db: Database): Promise<DatabaseProblems> {
  const names = SESSION_SETTINGS.map(({ name }) => name);
  const [[server], settings, tables, functions, partitions] = await pipeline(db, [
    rows(sql.raw(SELECT_SERVER) as SQL<Server>),
    rows(sql<Setting>`
        select name, current_setting(name) as value from unnest(${textArray(names)}) as name`),
    rows(selectTables()),
    rows(selectFunctions()),
    rows(selectGrantedPartitions()),
  ]);
  return {
    server: server ? problemsOfServer(server) : [],
    tables: server?.schema
      ? [...missingTables(server, tables), ...missingFunctions(server, functions)]
      : [],
    privileges: [
      ...(server?.schema ? missingPrivileges(server, tables) : []),
      ...(server?.schema ? forbiddenFunctions(server, functions) : []),
      ...(server?.schema ? problemsOfPartitions(server, partitions) : []),
    ],
    settings: problemsOfSettings(server?.role ?? '', settings),
  };
}

function problemsOfServer({ version, encoding, schema, path, role }: Server): readonly string[] {
  const problems: string[] = [];
  if (version < OLDEST_VERSION) {
    problems.push(`Postgres is version ${Math.floor(version / 10_000)}: it must be 15 or later`);
  }
  if (encoding !== 'UTF8') {
    problems.push(
      `the encoding is ${encoding} and must be UTF8: create database … encoding 'UTF8' template template0`,
    );
  }
  if (schema === null) {
    problems.push(
      `role ${role} has no schema to work in: none of search_path (${path}) exists, or it lacks usage on it`,
    );
  }
  return problems;
}

type Table = { readonly name: string; readonly exists: boolean; readonly missing: string | null };

function selectTables() {
  const wanted = Object.entries(REQUIRED_PRIVILEGES).flatMap(([table, privileges]) =>
    privileges.map((privilege) => ({ table, privilege })),
  );
  return sql<Table>`
    select wanted.name, regclass is not null as exists,
      string_agg(privilege, ', ' order by place)
        filter (where regclass is not null and not has_table_privilege(regclass, privilege)) as missing
    from unnest(
      ${textArray(wanted.map(({ table }) => table))},
      ${textArray(wanted.map(({ privilege }) => privilege))}
    ) with ordinality as wanted (name, privilege, place)
    cross join lateral to_regclass(quote_ident(current_schema()) || '.' || quote_ident(wanted.name)) as regclass
    group by wanted.name, regclass order by wanted.name`;
}

/** The values are constants of the code and need no escaping in an array's text. */
function textArray(values: readonly string[]) {
  return sql`${`{${values.join(',')}}`}::text[]`;
}

function missingTables({ schema }: Server, tables: readonly Table[]): readonly string[] {
  return tables
    .filter(({ exists }) => !exists)
    .map(({ name }) => `table ${name} is not in schema ${schema}, the first of search_path`);
}

function missingPrivileges({ schema, role }: Server, tables: readonly Table[]): readonly string[] {
  return tables.flatMap(({ name, missing }) => {
    if (missing === null) return [];
    return [
      `grant ${missing} on table ${schema}.${name} to ${role} (docs/operating/database-role.sql grants all that is needed)`,
    ];
  });
}

type Callable = { readonly name: string; readonly isAllowed: boolean | null };

function selectFunctions() {
  // The names contain commas, so they are passed as rows and not as the text of an array.
  const names = REQUIRED_FUNCTIONS.map((name) => sql`(${name}::text)`);
  return sql<Callable>`
    select name, has_function_privilege(
      to_regprocedure(quote_ident(current_schema()) || '.' || name)::oid, 'execute') as "isAllowed"
    from (values ${sql.join(names, sql`, `)}) as wanted (name)`;
}

function missingFunctions({ schema }: Server, functions: readonly Callable[]): readonly string[] {
  return functions
    .filter(({ isAllowed }) => isAllowed === null)
    .map(({ name }) => `function ${name} is not in schema ${schema}`);
}

function forbiddenFunctions({ role }: Server, functions: readonly Callable[]): readonly string[] {
  return functions
    .filter(({ isAllowed }) => isAllowed === false)
    .map(({ name }) => `grant execute on function ${name} to ${role}`);
}

type Partition = { readonly name: string };

/**
 * Partitions on which the role has a privilege of its own. The role could delete rows there that it cannot
 * delete through the log (LO-4). Privileges of the owner are not a problem.
 */
function selectGrantedPartitions() {
  return sql<Partition>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = to_regclass(quote_ident(current_schema()) || '.audit_events')
      and not pg_has_role(relowner, 'usage')
      and has_table_privilege(pg_class.oid, 'select, insert, update, delete, truncate, references, trigger')
    order by relname`;
}

function problemsOfPartitions(
  { schema, role }: Server,
  partitions: readonly Partition[],
): readonly string[] {
  return partitions.map(
    ({ name }) =>
      `revoke all on table ${schema}.${name} from ${role}, and from PUBLIC: with a privilege on a part of the audit log it could remove its traces`,
  );
}

type Setting = { readonly name: string; readonly value: string };

/** Without a pooler, the login sets these settings. Behind one, the settings of the role apply. */
function problemsOfSettings(role: string, settings: readonly Setting[]): readonly string[] {
  return SESSION_SETTINGS.flatMap(({ name, value, alsoFits }) => {
    const found = settings.find((setting) => setting.name === name)?.value ?? '';
    if (found === value || alsoFits?.(found)) return [];
    return [
      `${name} is ${found} behind the pooler, which accepts no settings from the server: alter role ${role} set ${name} = '${value}'`,
    ];
  });
}

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

/** Reads the facts of the server. */
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
