import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { MOST_SCANNED, MOST_SORTED, type UserFilter } from '../../src/admin/users/store.ts';
import { run } from '../../src/db/executor.ts';
import type { User } from '../../src/db/tables/user.ts';
import { DAY } from '../../src/kernel/duration.ts';
import { newUser } from '../../src/user/new-user.ts';
import { insertUser } from '../../src/user/store.ts';
import { adminToken, giveRole } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';

const test = testWithServer();

const USERS = `query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
  users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    edges { cursor node { email } } pageInfo { hasNextPage endCursor } } }`;

type Page = {
  readonly edges: readonly { readonly node: { readonly email: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
};

/** Long before everybody else of this file: people of one test are its only ones in the days after `start`. */
let day = Date.UTC(2001, 0, 1);

/** Makes people who were created at these offsets, in milliseconds. */
async function people(server: TestServer, made: readonly (Partial<User> & { at: number })[]) {
  const start = day;
  day += 100 * DAY;
  const tag = randomUUID().slice(0, 8);
  for (const [index, { at, ...given }] of made.entries()) {
    const createdAt = new Date(start + at);
    const user = newUser({
      id: randomUUID(),
      email: `${tag}${index}@list.example`,
      createdAt,
      ...given,
    });
    await run(server.app.deps.db, insertUser(user));
  }
  const between = {
    createdAfter: new Date(start - 1),
    createdBefore: new Date(start + 100 * DAY - 1),
  };
  return { tag, start, between };
}

async function callers(server: TestServer) {
  const { token } = await adminToken(server, ['USERS_READ']);
  const page = async (variables: object) => await server.admin(USERS, variables, { token });
  return {
    page: async (variables: object) => (await page(variables)).data.users,
    codeOf: async (variables: object) => (await page(variables)).errors[0]?.extensions?.['code'],
    /** Every address of the list, page by page, without the domain and the tag. */
    all: async (tag: string, variables: object, first = 2) => {
      const found: string[] = [];
      let after: string | null = null;
      for (;;) {
        const { edges, pageInfo }: Page = (await page({ ...variables, first, after })).data.users;
        found.push(...edges.map(({ node }) => node.email));
        if (!pageInfo.hasNextPage)
          return found.map((email) => email.replace(tag, '').replace('@list.example', ''));
        after = pageInfo.endCursor;
      }
    },
  };
}

test('AD-7: a page of 100 of 101 says that more follow, and the last one that none do', async ({
  server,
}) => {
  const { between } = await people(
    server,
    Array.from({ length: 101 }, (_, at) => ({ at })),
  );
  const { page } = await callers(server);
  const first = await page({ filter: between, first: 100 });
  expect([first.edges.length, first.pageInfo.hasNextPage]).toEqual([100, true]);
  const last = await page({ filter: between, first: 100, after: first.pageInfo.endCursor });
  expect([last.edges.length, last.pageInfo.hasNextPage]).toEqual([1, false]);
});

test('AD-7: people created in the same millisecond are each on one page, in every order', async ({
  server,
}) => {
  const { tag, between } = await people(
    server,
    Array.from({ length: 7 }, () => ({ at: 5 })),
  );
  const { all } = await callers(server);
  for (const orderBy of ['CREATED_DESC', 'CREATED_ASC', 'LAST_SIGN_IN_DESC']) {
    const found = await all(tag, { filter: between, orderBy });
    expect(found.toSorted(), orderBy).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  }
});

test('AD-7: somebody who registers between two pages moves nobody', async ({ server }) => {
  const { between, start } = await people(server, [{ at: 1 }, { at: 3 }, { at: 5 }]);
  const { page } = await callers(server);
  const first = await page({ filter: between, first: 2 });
  for (const at of [4, 9]) {
    const createdAt = new Date(start + at);
    await run(
      server.app.deps.db,
      insertUser(newUser({ id: randomUUID(), email: `${randomUUID()}@late.example`, createdAt })),
    );
  }
  const last = await page({ filter: between, first: 2, after: first.pageInfo.endCursor });
  expect(last.edges.length).toBe(1);
  expect(last.edges[0].node.email).toMatch(/0@list/);
});

test('AD-7: a cursor of another filter or another order is refused, and so is no cursor at all', async ({
  server,
}) => {
  const { between } = await people(server, [{ at: 1 }, { at: 2 }]);
  const { page, codeOf } = await callers(server);
  const { endCursor: after } = (await page({ filter: between, first: 1 })).pageInfo;
  expect((await page({ filter: { ...between, role: null }, first: 1, after })).edges).toHaveLength(
    1,
  );
  for (const variables of [
    { after },
    { filter: { ...between, disabled: false }, after },
    { filter: between, orderBy: 'CREATED_ASC', after },
    { filter: between, after: `${after}x` },
    { filter: between, after: '' },
    { filter: between, first: 0 },
    { filter: between, first: 101 },
  ])
    expect(await codeOf(variables), JSON.stringify(variables)).toBe('BAD_USER_INPUT');
});

test('AD-7, LG-7: a prefix has no wildcards, and is compared as addresses are stored', async ({
  server,
}) => {
  const names = ['a_b', 'axb', 'a%b', 'a-b'];
  const { tag } = await people(
    server,
    names.map((name, at) => ({ at, email: `p${name}@prefix.example` })),
  );
  const { all } = await callers(server);
  const found = async (emailPrefix: string) => await all(tag, { filter: { emailPrefix } });
  expect(await found('pa_b')).toEqual(['pa_b@prefix.example']);
  expect(await found('pa%')).toEqual(['pa%b@prefix.example']);
  expect(await found(' PA')).toEqual(
    ['pa-b', 'pa%b', 'paxb', 'pa_b'].map((name) => `${name}@prefix.example`),
  );
  expect(await found('ＰＡ_')).toEqual(['pa_b@prefix.example']);
  for (const none of ['%', '_', 'pa\\', 'a_b', "' or 1=1", '\u{10FFFF}'])
    expect(await found(none), none).toEqual([]);
});

test('AD-7: a prefix of only white space, and one with NUL, are refused', async ({ server }) => {
  const { codeOf } = await callers(server);
  for (const emailPrefix of [' ', '', 'a\0', '\ud800', 'a'.repeat(255)])
    expect(await codeOf({ filter: { emailPrefix } })).toBe('BAD_USER_INPUT');
});

test('AD-7: each filter, and all of them at once, in every order, has exactly its people', async ({
  server,
}) => {
  const now = new Date();
  const { tag, start, between } = await people(server, [
    { at: 10 * DAY },
    { at: 20 * DAY, disabledAt: now },
    { at: 30 * DAY, emailVerifiedAt: now },
    { at: 40 * DAY, hasSecondFactor: true },
    { at: 50 * DAY, lastSignInAt: new Date(day + 55 * DAY) },
    { at: 60 * DAY, disabledAt: now, emailVerifiedAt: now, hasSecondFactor: true },
  ]);
  const ids = await queryDatabase<{ id: string }>(
    server.app.deps.db,
    sql`select id from users where email like ${`${tag}%`} order by created_at`,
  );
  for (const index of [1, 3, 5])
    await giveRole(server, { userId: ids[index]?.id ?? '' }, `role-${tag}`);
  const { all } = await callers(server);
  const at = (days: number) => new Date(start + days * DAY);
  const expected: readonly (readonly [Partial<UserFilter>, string])[] = [
    [{}, '543210'],
    [{ disabled: true }, '51'],
    [{ disabled: false }, '4320'],
    [{ verified: true }, '52'],
    [{ verified: false }, '4310'],
    [{ hasSecondFactor: true }, '53'],
    [{ hasSecondFactor: false }, '4210'],
    [{ role: `role-${tag}` }, '531'],
    [{ role: 'unknown' }, ''],
    [{ emailPrefix: tag }, '543210'],
    [{ createdAfter: at(20) }, '5432'],
    [{ createdBefore: at(20) }, '0'],
    // The fifth was created before the moment and has signed in after it.
    [{ lastSignInBefore: at(52) }, '3210'],
    [{ lastSignInBefore: at(56) }, '43210'],
    [
      {
        disabled: true,
        verified: true,
        hasSecondFactor: true,
        role: `role-${tag}`,
        emailPrefix: tag,
      },
      '5',
    ],
    [{ disabled: true, verified: false, hasSecondFactor: true }, ''],
    [{ role: `role-${tag}`, lastSignInBefore: at(50) }, '31'],
  ];
  for (const [filter, people] of expected) {
    const wanted = { filter: { ...between, ...filter } };
    const oldest = [...people].reverse();
    const label = JSON.stringify(filter);
    expect(await all(tag, { ...wanted, orderBy: 'CREATED_DESC' }), label).toEqual([...people]);
    expect(await all(tag, { ...wanted, orderBy: 'CREATED_ASC' }), label).toEqual(oldest);
    expect(await all(tag, { ...wanted, orderBy: 'LAST_SIGN_IN_DESC' }), label).toEqual([...people]);
  }
});

test('AD-7: a list by sign-in counts whoever has never signed in from the registration', async ({
  server,
}) => {
  const { tag, between } = await people(server, [
    { at: 1, lastSignInAt: new Date(day + 50) },
    { at: 20 },
    { at: 30, lastSignInAt: new Date(day + 40) },
  ]);
  const { all } = await callers(server);
  expect(await all(tag, { filter: between, orderBy: 'LAST_SIGN_IN_DESC' }, 1)).toEqual([
    '0',
    '2',
    '1',
  ]);
});

test('AD-7: a search that meets too many others ends early, says so, and finds everybody in the end', async ({
  server,
}) => {
  const { db } = server.app.deps;
  const crowd = Math.max(MOST_SCANNED, MOST_SORTED) + 10;
  const tag = randomUUID().slice(0, 8);
  const start = new Date(day);
  day += 100 * DAY;
  // In parts, each of which a busy machine writes within the limit of a statement.
  for (let from = 1; from <= crowd; from += 1_000)
    await queryDatabase(
      db,
      sql`insert into users (id, email, created_at, updated_at, disabled_at)
        select gen_random_uuid(), ${tag} || n || '@list.example', at, at, case when n <= 3 then at end
        from generate_series(${from}::int, ${Math.min(from + 999, crowd)}::int) n
        cross join lateral (select ${start.toISOString()}::timestamptz + n * interval '1 second' as at) as made`,
    );
  await giveRoleToAll(server, tag);
  const { page, all } = await callers(server);
  const between = { createdAfter: start, createdBefore: new Date(start.getTime() + 99 * DAY) };
  for (const filter of [
    // By the index of the disabled, in which nobody of the crowd is.
    { disabled: true },
    // Of these two, the index has the disabled ones last.
    { disabled: true, role: `role-${tag}` },
    { disabled: true, emailPrefix: tag },
  ])
    expect(
      await all(tag, { filter: { ...between, ...filter } }, 100),
      JSON.stringify(filter),
    ).toEqual(['3', '2', '1']);
  const orderBy = 'LAST_SIGN_IN_DESC';
  const early = await page({ filter: { ...between, disabled: true }, orderBy });
  expect(early).toMatchObject({ edges: [], pageInfo: { hasNextPage: true } });
  expect(
    await all(tag, { filter: { ...between, disabled: true, role: `role-${tag}` }, orderBy }, 100),
  ).toEqual(['3', '2', '1']);
});

async function giveRoleToAll(server: TestServer, tag: string) {
  const { db } = server.app.deps;
  const role = `role-${tag}`;
  await queryDatabase(
    db,
    sql`insert into roles (name, created_at, updated_at) values (${role}, now(), now())`,
  );
  await queryDatabase(
    db,
    sql`insert into user_roles (user_id, role, granted_at, user_created_at)
      select id, ${role}, now(), created_at from users where email like ${`${tag}%`}`,
  );
}

test('AD-7: a page of 100 with roles and their members, factors, identities and passkeys is six statements', async ({
  server,
}) => {
  const { between, tag } = await people(
    server,
    Array.from({ length: 100 }, (_, at) => ({ at })),
  );
  await giveRoleToAll(server, tag);
  const { token } = await adminToken(server, ['USERS_READ']);
  const { db } = server.app.deps;
  const texts: string[] = [];
  const counted: typeof db = {
    ...db,
    run: (query) => {
      texts.push(query.text);
      return db.run(query);
    },
  };
  Object.assign(server.app.deps, { db: counted });
  const { data, errors } = await server.admin(
    `query ($filter: UserFilter) { users(filter: $filter, first: 100) { edges { node {
      roles { members } mfa { enabled } passkeys { id } identities { id } claimsPreview } } } }`,
    { filter: between },
    { token },
  );
  Object.assign(server.app.deps, { db });
  expect(errors).toEqual([]);
  expect(data.users.edges).toHaveLength(100);
  for (const { node } of data.users.edges) expect(node.roles).toEqual([{ members: 100 }]);
  const reads = texts.filter((text) => !text.includes('admin_tokens'));
  expect(reads.length, reads.join('\n\n')).toBe(6);
});
