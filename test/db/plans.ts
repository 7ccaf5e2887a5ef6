import { sql } from 'drizzle-orm';
import { vi } from 'vitest';
import type { Connection } from '../../src/db/driver/connection.ts';
import type { Query } from '../../src/db/driver/host-connection.ts';
import type { Database } from '../../src/db/executor.ts';
import { queryDatabase } from '../support/query-database.ts';

type Node = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
};

/** Records the statements that are sent to the database until it is stopped. */
export function recordStatements(db: Database): {
  readonly sent: readonly Query[];
  stop(): void;
} {
  const sent: Query[] = [];
  const record =
    (connection: Connection): Connection['run'] =>
    (statement) => {
      sent.push(statement);
      return connection.run(statement);
    };
  const { use } = db.pool;
  const recorder = vi
    .spyOn(db.pool, 'use')
    .mockImplementation((work) =>
      use((connection) => work({ ...connection, run: record(connection) })),
    );
  return { sent, stop: () => recorder.mockRestore() };
}

/** The statements that a call sends to the database. */
async function sentBy(db: Database, call: () => Promise<unknown>): Promise<readonly Query[]> {
  const { sent, stop } = recordStatements(db);
  await call();
  stop();
  return sent;
}

/** How the statements of a call read each table: `sessions by sessions_pkey`. */
export async function plansOf(
  db: Database,
  call: () => Promise<unknown>,
): Promise<readonly string[]> {
  const plans: string[] = [];
  for (const { text, params = [] } of await sentBy(db, call)) {
    const explain = { text: `explain (format json) ${text}`, params };
    const [row] = await db.pool.use((connection) => connection.run(explain));
    plans.push(...scans(row?.['QUERY PLAN'][0].Plan));
  }
  return plans;
}

/** The number of rows that the statements of a call read from tables, including discarded rows. */
export async function rowsReadBy(db: Database, call: () => Promise<unknown>): Promise<number> {
  let rows = 0;
  for (const { text, params = [] } of await sentBy(db, call)) {
    const explain = { text: `explain (analyze, timing off, format json) ${text}`, params };
    const [row] = await db.pool.use((connection) => connection.run(explain));
    rows += read(row?.['QUERY PLAN'][0].Plan);
  }
  return rows;
}

/** The same number for the generic plan, which Postgres may use for a prepared statement after its first uses. */
export async function genericPlanOf(db: Database, text: string): Promise<readonly string[]> {
  const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const values = count === 0 ? '' : `(${Array(count).fill('null').join(', ')})`;
  return await db.pool.use(async (connection) => {
    await connection.run({ text: 'set plan_cache_mode = force_generic_plan' });
    await connection.run({ text: `prepare explained as ${text}` });
    const [row] = await connection.run({
      text: `explain (format json) execute explained${values}`,
    });
    await connection.run({ text: 'deallocate explained' });
    await connection.run({ text: 'reset plan_cache_mode' });
    return scans(row?.['QUERY PLAN'][0].Plan);
  });
}

function scans(node: Node): string[] {
  const below = (node.Plans ?? []).flatMap(scans);
  if (node['Node Type'] === 'Bitmap Index Scan') return [String(node['Index Name']), ...below];
  const relation = node['Relation Name'];
  if (relation === undefined || node['Node Type'] === 'ModifyTable') return below;
  if (node['Node Type'] === 'Bitmap Heap Scan') {
    const isIndex = (line: string) => !line.includes(' by ');
    const indexes = below.filter(isIndex).join(' and ');
    return [`${relation} by ${indexes}`, ...below.filter((line) => !isIndex(line))];
  }
  const index = node['Index Name'];
  const how = index !== undefined && node['Index Cond'] === undefined ? `walk of ${index}` : index;
  return [`${relation} by ${how ?? node['Node Type']}`, ...below];
}

function read(node: Node): number {
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + read(plan), 0);
  if (node['Relation Name'] === undefined || node['Node Type'] === 'ModifyTable') return below;
  const each = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);
  return below + each * (node['Actual Loops'] ?? 1);
}

/** The account that gets nearly all rows of {@link fillSkewed}. */
export const HOLDER = '0199a0a0-0000-7000-8000-00000000000a';

/** Tables to which no person adds rows, and the table that is filled first. */
const NOT_FILLED = [
  ...['users', 'leases', 'latchkey_migrations', 'signing_keys'],
  ...['roles', 'user_roles', 'admin_tokens', 'statistics_hours', 'statistics_totals'],
];

/**
 * Fills every table to which people add rows, so that one account has 99 % of the rows of each table with a column for
 * the account. There are so many rows that the planner's cost of reading them all is higher than the cost of any index
 * scan. The catalog decides how columns are filled, so a new table is filled, too.
 */
export async function fillSkewed(db: Database, rows = 8_000): Promise<void> {
  const others = Math.floor(rows / 100);
  await queryDatabase(
    db,
    sql`
    insert into users (id, email, created_at, updated_at)
    select case n when 0 then ${HOLDER}::uuid else gen_random_uuid() end,
      'skewed-' || n || '@example.com', now(), now()
    from generate_series(0, ${sql.raw(String(rows))}) n`,
  );
  const owners = `(
    select '${HOLDER}'::uuid as user_id, 'skewed-0@example.com' as email, n,
      now() - n * interval '1 second' as at from generate_series(1, ${rows}) n
    union all
    (select id, email, 0, now() from users where email like 'skewed-%' and id <> '${HOLDER}'
      limit ${others})
  ) as owners`;
  const people = `(select id as user_id, email, 0 as n, now() as at from users) as owners`;
  const columns = await queryDatabase<Column>(
    db,
    sql`
    select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type,
      a.attnotnull and not a.atthasdef and a.attidentity = '' as required,
      exists (select from pg_index where indrelid = c.oid and indisprimary
        and indkey::text = a.attnum::text) as key
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and not c.relispartition
      and c.relnamespace = 'public'::regnamespace and a.attnum > 0
      and not a.attisdropped`,
  );
  for (const table of new Set(columns.map((column) => column.table))) {
    if (NOT_FILLED.includes(table)) continue;
    const own = columns.filter((column) => column.table === table);
    const filled = own.filter(({ name, required }) => required || ENDED.test(name));
    const from = own.some(({ name, key }) => key && name === 'user_id') ? people : owners;
    // Triggers and foreign keys, checked for each of thousands of rows, would outlast the time of a statement.
    await queryDatabase(db, sql.raw(`alter table "${table}" disable trigger all`));
    await queryDatabase(
      db,
      sql.raw(`insert into "${table}" (${filled.map(({ name }) => `"${name}"`).join(', ')})
        select ${filled.map(expressionFor).join(', ')} from ${from} on conflict do nothing`),
    );
    await queryDatabase(db, sql.raw(`alter table "${table}" enable trigger all`));
  }
  await queryDatabase(db, sql`analyze`);
}

/** The share of the rows that belong to the account, for each table in which an account may have many rows. */
export async function sharesOf(db: Database): Promise<Readonly<Record<string, number>>> {
  const tables = await queryDatabase<{ name: string }>(
    db,
    sql`
    select c.relname as name from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
    where c.relkind in ('r', 'p') and not c.relispartition
      and c.relnamespace = 'public'::regnamespace and not exists (select from pg_index
        where indrelid = c.oid and indisunique and indkey::text = a.attnum::text)`,
  );
  const shares: Record<string, number> = {};
  for (const { name } of tables) {
    if (NOT_FILLED.includes(name)) continue;
    const [row] = await queryDatabase<{ share: number }>(
      db,
      sql`
      select coalesce(avg((user_id = ${HOLDER})::int), 0)::float8 as share
      from ${sql.identifier(name)} where user_id is not null`,
    );
    shares[name] = row?.share ?? 0;
  }
  return shares;
}

type Column = {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly key: boolean;
};

/** The account of a row, and the end of the row: all but the fifty newest rows of an account have ended. */
const ENDED = /^(user_id|revoked_at|sent_at)$/;

const NEWER_FIRST = `overlay(gen_random_uuid()::text placing
  substr(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), 1, 8) from 1)::uuid`;

function expressionFor({ name, type, key }: Column): string {
  if (name === 'user_id') return 'user_id';
  if (ENDED.test(name)) return 'case when n > 50 then at end';
  if (name === 'recipient') return 'email';
  if (name === 'type') return "'SIGNED_IN'";
  if (name === 'act') return "'added'";
  if (type === 'uuid') return key ? NEWER_FIRST : 'gen_random_uuid()';
  if (type === 'text') return `'${name}' || n || user_id::text`;
  if (type === 'bytea') return `sha256(('${name}' || n || user_id::text)::bytea)`;
  if (type === 'timestamp with time zone') return "at + interval '30 days'";
  if (type.endsWith('[]') || type === 'jsonb') return `'{}'::${type}`;
  if (type === 'boolean') return 'false';
  return type === 'smallint' && name === 'position' ? 'n' : '1';
}
