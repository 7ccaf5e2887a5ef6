import { type SQL, sql } from 'drizzle-orm';
import type { Database, Executor } from '../executor.ts';
import { REQUIRED_FUNCTIONS, REQUIRED_PRIVILEGES } from '../migrations/required-privileges.ts';
import { pipeline } from '../pipeline.ts';
import { rows } from '../statement.ts';
import { SESSION_SETTINGS } from './session-settings.ts';

/** A database that this server must not work with as it is. Says what to do, each on a line. */
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
 * Looks before anything is migrated: what stands in the way then would be half a schema.
 *
 * @throws UnfitDatabaseError
 */
export async function refuseUnfitServer(runner: Pick<Executor, 'run'>): Promise<void> {
  const [row] = await runner.run({ text: SELECT_SERVER });
  const problems = problemsOfServer(row as unknown as Server);
  if (problems.length > 0) throw new UnfitDatabaseError(problems);
}

/**
 * Looks whether everything that requests will need is there and allowed, so that a forgotten GRANT is a
 * sentence at the start and not a 500 at the first sign-in.
 *
 * @throws UnfitDatabaseError with all that was found
 */
export async function refuseUnfitDatabase(db: Database): Promise<void> {
  const { server, tables, privileges, settings } = await inspectDatabase(db);
  const problems = [...server, ...tables, ...privileges, ...settings];
  if (problems.length > 0) throw new UnfitDatabaseError(problems);
}

/** What is not as it has to be, by its kind. Each is a sentence that says what to do. */
export type DatabaseProblems = {
  /** Version, encoding and schema: nothing works without them. */
  readonly server: readonly string[];
  /** Tables and functions that are not there: migrations make them. */
  readonly tables: readonly string[];
  readonly privileges: readonly string[];
  /** Of the session, which only a pooler can keep from being as they are pinned. */
  readonly settings: readonly string[];
};

/** Looks at everything that requests will need, and changes nothing. */
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

/** Constants of ours: an array's text needs no more than commas. */
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
  // The names have commas: rows, and not an array's text.
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
 * Partitions on which the role has a privilege of its own: it could delete there what it cannot delete from
 * the log (LO-4). The owner's are no news.
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

/** Pinned at log-in, they hold. Behind a pooler they are the role's own. */
function problemsOfSettings(role: string, settings: readonly Setting[]): readonly string[] {
  return SESSION_SETTINGS.flatMap(({ name, value, alsoFits }) => {
    const found = settings.find((setting) => setting.name === name)?.value ?? '';
    if (found === value || alsoFits?.(found)) return [];
    return [
      `${name} is ${found} behind the pooler, which takes no settings from the server: alter role ${role} set ${name} = '${value}'`,
    ];
  });
}
