import { sql } from 'drizzle-orm';
import { vi } from 'vitest';
import type { Database } from '../../src/db/client.ts';
import type { Connection, Statement } from '../../src/db/connection.ts';

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

/** Remembers what is sent to the database until it is stopped. */
export function recordStatements(db: Database): {
  readonly sent: readonly Statement[];
  stop(): void;
} {
  const sent: Statement[] = [];
  const record =
    (connection: Connection): Connection['run'] =>
    (statement) => {
      sent.push(statement);
      return connection.run(statement);
    };
  const { use } = db.$pool;
  const recorder = vi
    .spyOn(db.$pool, 'use')
    .mockImplementation((work) =>
      use((connection) => work({ ...connection, run: record(connection) })),
    );
  return { sent, stop: () => recorder.mockRestore() };
}

/** What a call sends to the database. */
async function sentBy(db: Database, call: () => Promise<unknown>): Promise<readonly Statement[]> {
  const { sent, stop } = recordStatements(db);
  await call();
  stop();
  return sent;
}

/** How each table is read by the statements of a call: `sessions by sessions_pkey`. */
export async function plansOf(
  db: Database,
  call: () => Promise<unknown>,
): Promise<readonly string[]> {
  const plans: string[] = [];
  for (const { text, params = [] } of await sentBy(db, call)) {
    const explain = { text: `explain (format json) ${text}`, params };
    const [row] = await db.$pool.use((connection) => connection.run(explain));
    plans.push(...scans(row?.['QUERY PLAN'][0].Plan));
  }
  return plans;
}

/** How many rows the statements of a call read from tables, those they then discarded included. */
export async function rowsReadBy(db: Database, call: () => Promise<unknown>): Promise<number> {
  let rows = 0;
  for (const { text, params = [] } of await sentBy(db, call)) {
    const explain = { text: `explain (analyze, timing off, format json) ${text}`, params };
    const [row] = await db.$pool.use((connection) => connection.run(explain));
    rows += read(row?.['QUERY PLAN'][0].Plan);
  }
  return rows;
}

/**
 * The same for a plan that must do for any parameters, which is what a prepared statement is run
 * with after its first uses.
 */
export async function genericPlanOf(db: Database, text: string): Promise<readonly string[]> {
  const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const values = count === 0 ? '' : `(${Array(count).fill('null').join(', ')})`;
  return await db.$pool.use(async (connection) => {
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

/** The account that {@link fillSkewed} gives nearly everything. */
export const HOLDER = '0199a0a0-0000-7000-8000-00000000000a';

/**
 * Fills the tables that people write so that one account holds 99 % of each that has accounts, and
 * so many rows that to read them all costs the planner more than any look-up.
 */
export async function fillSkewed(db: Database, rows = 8_000): Promise<void> {
  const others = Math.floor(rows / 100);
  await db.execute(sql`
    insert into users (id, email, password_hash, created_at, updated_at)
    select case n when 0 then ${HOLDER}::uuid else gen_random_uuid() end,
      'skewed-' || n || '@example.com', 'none', now(), now()
    from generate_series(0, ${sql.raw(String(others))}) n`);
  const owners = sql.raw(`(
    select '${HOLDER}'::uuid as user_id, 'skewed-0@example.com' as email, n,
      now() - n * interval '1 second' as at from generate_series(1, ${rows}) n
    union all
    select id, email, 0, now() from users where id <> '${HOLDER}'
  ) as owners`);
  const id = sql.raw(
    `overlay(overlay(gen_random_uuid()::text placing '7' from 15) placing
      lpad(to_hex((extract(epoch from at) * 1000)::bigint / 65536), 8, '0') from 1)::uuid`,
  );
  const unique = sql.raw(`sha256((user_id::text || n)::bytea)`);
  await db.execute(sql`
    insert into sessions (id, user_id, refresh_hash, rotated_at, created_at, last_used_at,
      expires_at, absolute_expires_at, authenticated_at, methods, credential_version, revoked_at)
    select ${id}, user_id, ${unique}, at, at, at, at + interval '30 days', at + interval '30 days', at,
      '{pwd}', 1, case when n > 50 then now() end from ${owners}`);
  await db.execute(sql`
    insert into audit_events (id, type, at, user_id, detail)
    select ${id}, (array['SIGNED_IN', 'SIGN_IN_FAILED', 'PROFILE_UPDATED'])[n % 3 + 1], at, user_id, '{}'
    from ${owners}`);
  await db.execute(sql`
    insert into mail_outbox (id, recipient, template, created_at, expires_at, next_attempt_at, sent_at)
    select ${id}, email, 'new-device-sign-in', at, at, at, at from ${owners}`);
  await db.execute(sql`
    insert into one_time_tokens (id, purpose, email, subject, user_id, token_hash, code_mac,
      budget_resets_at, created_at, expires_at, code_expires_at)
    select ${id}, 'confirm-email-change', n || email, n || user_id::text, user_id, ${unique}, 'mac', at, at, at, at
    from ${owners}`);
  await db.execute(sql`
    insert into mfa_challenges (id, token_hash, user_id, first_factor, credential_version, created_at, expires_at)
    select ${id}, ${unique}, user_id, 'pwd', 1, at, at from ${owners}`);
  await db.execute(sql`
    insert into identities (id, user_id, issuer, subject, linked_at)
    select ${id}, user_id, 'https://issuer.example', n || user_id::text, at from ${owners}`);
  await db.execute(sql`
    insert into oauth_flows (id, state_hash, flow_token_hash, provider, redirect_uri, sealed_secrets,
      user_id, created_at, expires_at)
    select ${id}, ${unique}, ${unique}, 'none', 'none', '', user_id, at, at from ${owners}`);
  await db.execute(sql`
    insert into backup_codes (id, user_id, position, hash, created_at)
    select ${id}, user_id, n, 'none', at from ${owners} on conflict do nothing`);
  await db.execute(sql`
    insert into pending_registrations (id, email, created_at, expires_at)
    select ${id}, n || email, at, at from ${owners}`);
  await db.execute(sql`
    insert into throttle_counters (key, tries, members, verdict, opens_at, resets_at)
    select ${unique}, 1, '{}', 1, at, at from ${owners}`);
  await db.execute(sql`
    insert into sign_in_failures (key, failures, resets_at) select ${unique}, 1, at from ${owners}`);
  await db.execute(sql`
    insert into users (id, email, created_at, updated_at)
    select gen_random_uuid(), 'one-of-many-' || n || '@example.com', now(), now()
    from generate_series(1, ${sql.raw(String(rows))}) n`);
  for (const table of [
    'totp_factors',
    'email_factors',
    'second_factor_failures',
    'sign_in_origins',
  ])
    await db.execute(sql.raw(ONE_A_PERSON[table] ?? ''));
  await db.execute(sql`analyze`);
}

/** Tables that have one row a person. */
const ONE_A_PERSON: Readonly<Record<string, string>> = {
  totp_factors: `insert into totp_factors (user_id, id, sealed_secret, created_at, pending_until)
    select id, gen_random_uuid(), '', now(), now() from users on conflict do nothing`,
  email_factors: `insert into email_factors (user_id, confirmed_at)
    select id, now() from users on conflict do nothing`,
  second_factor_failures: `insert into second_factor_failures (user_id, failures, resets_at)
    select id, 1, now() from users on conflict do nothing`,
  sign_in_origins: `insert into sign_in_origins (user_id, devices, networks)
    select id, '{}', '{}' from users on conflict do nothing`,
};
