import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import type { TimeAndId } from '../../src/admin/graphql/connection.ts';
import { storeToken } from '../../src/admin/tokens/create.ts';
import { listUsers } from '../../src/admin/users/list.ts';
import {
  scanUsers,
  sortUsers,
  type UserFilter,
  type UserOrder,
  type UsersWanted,
} from '../../src/admin/users/store.ts';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { Statement } from '../../src/db/statement.ts';
import { transaction } from '../../src/db/transaction.ts';
import { after, DAY } from '../../src/kernel/duration.ts';
import { SILENT } from '../../test/support/silent-log.ts';
import { migrate } from '../contenders/latchkey.ts';
import { startBenchPostgres, withDatabase } from '../lib/database.ts';
import { summarize } from '../lib/statistics.ts';
import { digits, renderTable } from '../lib/table.ts';

/**
 * Measures the administrators' lists among a million people: each filter, each order, pairs and deep pages, as the statements of
 * one page of 100 through the server's pool; then whole requests. 200 calls each. Prints the indexes of each list's generic plan.
 * `node bench/parts/admin-lists.ts [--people 1000000]`
 */

const { values } = parseArgs({ options: { people: { type: 'string', default: '1000000' } } });
const PEOPLE = Number(values.people);
const CALLS = 200;

/** The account with a hundred thousand events. */
const BUSY = '0199a0a0-0000-7000-8000-000000000001';
const AGE_OF = (n: string) => `interval '3 years' * (1 - ${n}::float8 / ${PEOPLE})`;

/**
 * People over three years, n by n. Half have signed in within the last month, a quarter never. The rare role belongs to ten of the
 * newest, and the old one to the 2,000 oldest, whom a list of the newest meets last.
 */
const SEED = `
  insert into users (id, email, email_verified_at, password_hash, name, created_at, updated_at, disabled_at, last_sign_in_at)
  select id, first || '.' || n || '@' || domain || '.example', case when n % 10 > 0 then at end, 'none', first, at, at,
    case when n % 20 = 0 then at + interval '1 day' end,
    case when n % 4 = 1 then greatest(at, now() - random() * interval '2 years')
      when n % 4 > 1 then greatest(at, now() - random() * interval '30 days') end
  from generate_series(1, ${PEOPLE}) n
  cross join lateral (select date_trunc('milliseconds', now() - ${AGE_OF('n')}) as at,
    ('0199a0a0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id,
    (array['ada','bob','carol','dan','eve','frank','grace','heidi','ivan','judy'])[1 + n % 10] || substr(md5(n::text), 1, 3) as first,
    (array['mail','post','work'])[1 + n % 3] as domain) as made;
  alter table totp_factors disable trigger user;
  insert into totp_factors (user_id, id, sealed_secret, created_at, pending_until, confirmed_at)
  select id, gen_random_uuid(), '\\x00', created_at, created_at, created_at from users where right(id::text, 1) < '8';
  alter table totp_factors enable trigger user;
  update users set has_second_factor = true where right(id::text, 1) < '8';
  insert into roles (name, created_at, updated_at) select name, now(), now() from unnest(array['member', 'pioneer', 'rare']) name;
  insert into user_roles (user_id, role, granted_at, user_created_at) select id, 'member', created_at, created_at from users;
  insert into user_roles (user_id, role, granted_at, user_created_at)
    (select id, 'pioneer', created_at, created_at from users order by created_at limit 2000)
    union all (select id, 'rare', created_at, created_at from users order by created_at desc limit 10);
  insert into identities (id, user_id, issuer, subject, linked_at)
  select gen_random_uuid(), id, 'https://id.example', id::text, created_at from users where right(id::text, 1) < '4';
  insert into sessions (id, user_id, refresh_hash, refresh_salt, rotated_at, created_at, last_used_at,
    expires_at, absolute_expires_at, authenticated_at, methods, credential_version)
  select gen_random_uuid(), id, sha256('0'), '\\x00', now(), now(), now(), now() + interval '1 day',
    now() + interval '1 day', now(), '{pwd}', 1 from users where right(id::text, 1) < '4';
  insert into audit_events (id, type, at, actor_id, user_id, detail)
  select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '70008' || substr(md5(n::text), 1, 15))::uuid,
    'SIGNED_IN', now(), '${BUSY}', '${BUSY}', '{"method":"pwd"}' from generate_series(1, ${PEOPLE / 10}) n;`;

const ALL: UserFilter = {
  ...{ emailPrefix: null, role: null, disabled: null, verified: null, hasSecondFactor: null },
  ...{ createdAfter: null, createdBefore: null, lastSignInBefore: null },
};
const ago = (days: number) => new Date(Date.now() - days * DAY);

type Case = {
  readonly name: string;
  readonly filter?: Partial<UserFilter>;
  readonly order?: UserOrder;
  /** How many pages lie before the measured one. */
  readonly deep?: number;
};

const CASES: readonly Case[] = [
  { name: 'newest' },
  { name: 'oldest', order: 'CREATED_ASC' },
  { name: 'latest sign-ins', order: 'LAST_SIGN_IN_DESC' },
  { name: 'address begins with a', filter: { emailPrefix: 'a' } },
  { name: 'address begins with adaab', filter: { emailPrefix: 'adaab' } },
  { name: 'address begins with adaa', filter: { emailPrefix: 'adaa' } },
  { name: 'address begins with zz (nobody)', filter: { emailPrefix: 'zz' } },
  { name: 'role of all', filter: { role: 'member' } },
  { name: 'role of the 2,000 oldest', filter: { role: 'pioneer' } },
  { name: 'role of 10', filter: { role: 'rare' } },
  { name: 'unknown role', filter: { role: 'nobody' } },
  { name: 'disabled', filter: { disabled: true } },
  { name: 'not disabled', filter: { disabled: false } },
  { name: 'verified', filter: { verified: true } },
  { name: 'not verified', filter: { verified: false } },
  { name: 'second factor', filter: { hasSecondFactor: true } },
  { name: 'no second factor', filter: { hasSecondFactor: false } },
  { name: 'created after', filter: { createdAfter: ago(7) } },
  { name: 'created before', filter: { createdBefore: ago(900) } },
  { name: 'last sign-in before', filter: { lastSignInBefore: ago(365) } },
  {
    name: 'last sign-in before, by sign-in',
    filter: { lastSignInBefore: ago(365) },
    order: 'LAST_SIGN_IN_DESC',
  },
  {
    name: 'role of the 2,000 oldest, by sign-in',
    filter: { role: 'pioneer' },
    order: 'LAST_SIGN_IN_DESC',
  },
  { name: 'role of all, by sign-in', filter: { role: 'member' }, order: 'LAST_SIGN_IN_DESC' },
  { name: 'disabled, by sign-in', filter: { disabled: true }, order: 'LAST_SIGN_IN_DESC' },
  { name: 'disabled without second factor', filter: { disabled: true, hasSecondFactor: false } },
  { name: 'old role, disabled', filter: { role: 'pioneer', disabled: true } },
  { name: 'a prefix, disabled', filter: { emailPrefix: 'a', disabled: true } },
  {
    name: 'nobody: created last week, last sign-in a year ago',
    filter: { createdAfter: ago(7), lastSignInBefore: ago(365) },
  },
  {
    name: 'hardly anybody: the role of all, not verified, disabled, secured',
    filter: { role: 'member', verified: false, disabled: true, hasSecondFactor: true },
  },
  { name: 'newest, 50 pages deep', deep: 50 },
  { name: 'disabled, 50 pages deep', filter: { disabled: true }, deep: 50 },
  { name: 'role of all, 50 pages deep', filter: { role: 'member' }, deep: 50 },
];

const LIST = `{ users(first: 20) {
    edges { node { id email emailVerified name createdAt lastSignInAt disabledAt roles { name } mfa { enabled } identities { provider } } }
    pageInfo { hasNextPage endCursor } } }`;
const PERSON = `query ($id: ID!) { user(by: { id: $id }) {
  id email roles { name permissions } mfa { enabled totp } passkeys { id } identities { provider subject } signInBlockers { kind until }
  claimsPreview sessions { edges { node { id } } } events { edges { node { type at } } } } }`;

type Answer = { readonly data: Record<string, never> | null; readonly errors?: readonly unknown[] };

function callerOf(app: App, token: string) {
  return async (query: string, variables: object) => {
    const request = new Request('http://localhost:4001/admin/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const response = await app.admin?.fetch(request, { remoteAddress: '127.0.0.1' });
    const answer = (await response?.json()) as Answer;
    if (!answer.data || answer.errors) throw new Error(JSON.stringify(answer));
    return answer.data;
  };
}

async function timesOf(call: () => Promise<unknown>): Promise<readonly string[]> {
  const times: number[] = [];
  for (let count = 0; count < CALLS; count += 1) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  const { p50, p99 } = summarize(times);
  return [digits(p50), digits(p99)];
}

/** The indexes in the plan that a connection keeps for every value. */
async function indexesOf(sql: postgres.Sql, { text }: Statement<unknown>): Promise<string[]> {
  const [row] = await sql.unsafe(`explain (generic_plan, format json) ${text}`).simple();
  const names = JSON.stringify(row).matchAll(/Index Name\\?":\s*\\?"(\w+)/g);
  const scans = JSON.stringify(row).includes('Seq Scan') ? ['SEQUENTIAL SCAN'] : [];
  return [...new Set([...names].map(([, name]) => String(name))), ...scans];
}

const server = await startBenchPostgres();
try {
  const url = await server.create('lists');
  await migrate(url);
  console.log(`${PEOPLE.toLocaleString('en')} people`);
  await withDatabase(url, async (sql) => {
    await sql.unsafe(SEED).simple();
    await sql.unsafe('vacuum (analyze)').simple();
  });
  const config = loadConfig({
    ...{ DATABASE_URL: url, NODE_ENV: 'test', RATE_LIMITS: '{}' },
    ADMIN_PORT: '4001',
    SECRET_KEYS: randomBytes(32).toString('base64'),
  });
  const app = await createApp(config, SILENT);
  const act = { actor: { kind: 'operator', name: 'bench' }, client: null } as const;
  const { token } = await transaction(app.deps.db, (tx) =>
    storeToken(
      { ...app.deps, act },
      tx,
      {
        name: 'bench',
        permissions: ['USERS_READ', 'EVENTS_READ'],
        expiresAt: after(new Date(), DAY),
      },
      { createdById: null, createdByName: 'bench' },
    ),
  );
  const call = callerOf(app, token);
  const rows: (readonly string[])[] = [];
  await withDatabase(url, async (sql) => {
    for (const { name, filter = {}, order = 'CREATED_DESC', deep = 0 } of CASES) {
      const wanted: UsersWanted = { filter: { ...ALL, ...filter }, order, after: null, limit: 101 };
      let after: TimeAndId | null = null;
      for (let before = 0; before < deep; before += 1)
        after = (await listUsers(app.deps, { ...wanted, after })).people.at(-2)?.place ?? null;
      const { people, scannedTo } = await listUsers(app.deps, { ...wanted, after });
      const times = await timesOf(() => listUsers(app.deps, { ...wanted, after }));
      const statements = [
        ...(wanted.filter.emailPrefix === null ? [] : [sortUsers(wanted, 'emailPrefix')]),
        ...(wanted.filter.role !== null && order === 'LAST_SIGN_IN_DESC'
          ? [sortUsers(wanted, 'role')]
          : []),
        scanUsers(wanted),
      ];
      const indexes = await Promise.all(statements.map((one) => indexesOf(sql, one)));
      const found = `${Math.min(people.length, 100)}${people.length > 100 || scannedTo ? ' and more' : ''}`;
      rows.push([name, found, ...times, [...new Set(indexes.flat())].join(', ')]);
      console.log(rows.at(-1)?.join(' | '));
    }
  });
  const list = await timesOf(() => call(LIST, {}));
  rows.push(['request: 20 people with roles, factors and identities', '20 and more', ...list, '']);
  const person = await timesOf(() => call(PERSON, { id: BUSY }));
  const events = (PEOPLE / 10).toLocaleString('en');
  rows.push([`request: the page of a person with ${events} events`, '1', ...person, '']);
  console.log(renderTable([['list', 'of 100', 'p50 ms', 'p99 ms', 'indexes'], ...rows]));
  await app.close();
} finally {
  await server.stop();
}
