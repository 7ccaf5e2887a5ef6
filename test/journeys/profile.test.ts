import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { transaction } from '../../src/db/transaction.ts';
import { forgetEarlierClaimant } from '../../src/proven-address/take-over.ts';
import { adminToken, giveRole } from '../support/administrators.ts';
import { testWithServer } from '../support/fixture.ts';
import { type Person, refresh, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import type { TestServer } from '../support/server.ts';
import { UPDATE_PROFILE } from './account-care.ts';

const test = testWithServer({ env: { CLAIMS: '{"name":"$name"}', CLAIMS_MAX_BYTES: '512' } });

const USER = `{ viewer { user { name picture locale preferences attributes roles } } }`;

const userOf = async (server: TestServer, { accessToken: token }: Pick<Person, 'accessToken'>) =>
  (await server.graphql(USER, {}, { token })).data.viewer.user;

const update = async (server: TestServer, { accessToken: token }: Person, input: object) =>
  (await server.graphql(UPDATE_PROFILE, { input }, { token })).data.updateProfile;

const EMPTY = {
  ...{ name: null, picture: null, locale: null },
  ...{ preferences: {}, attributes: {}, roles: [] },
};

test('updateProfile changes what it names, removes what is null, and leaves the rest', async ({
  server,
}) => {
  const person = await signUp(server);
  const before = await userOf(server, person);
  expect(before).toMatchObject({ ...EMPTY, name: before.name });
  const picture = 'https://pictures.example.com/ada.jpg';
  const whole = {
    ...{ name: 'Ada', picture, locale: 'EN-gb' },
    preferences: { theme: 'dark', list: [1, null, { deep: true }] },
  };
  expect((await update(server, person, whole)).__typename).toBe('ProfileUpdated');
  const stored = { ...EMPTY, ...whole, locale: 'en-GB' };
  expect(await userOf(server, person)).toEqual(stored);
  expect((await update(server, person, {})).__typename).toBe('ProfileUpdated');
  expect(await userOf(server, person)).toEqual(stored);
  // Preferences are replaced as a whole.
  await update(server, person, { preferences: { theme: 'light' } });
  expect(await userOf(server, person)).toEqual({ ...stored, preferences: { theme: 'light' } });
  await update(server, person, { picture: null, locale: null });
  const left = { ...stored, picture: null, locale: null, preferences: { theme: 'light' } };
  expect(await userOf(server, person)).toEqual(left);
  await update(server, person, { name: '', preferences: null });
  expect(await userOf(server, person)).toEqual(EMPTY);
});

describe('what would harm whoever reads a profile is refused, and nothing changes', () => {
  const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
  const bad: readonly (readonly [string, object])[] = [
    ['a script as picture', { picture: 'javascript:alert(1)' }],
    ['an image in the URL itself', { picture: 'data:image/svg+xml,<svg/>' }],
    ['a picture over plain http', { picture: 'http://example.com/a.png' }],
    [
      'a password in the URL of a picture',
      { picture: `https://ada:${'x'.repeat(8)}@example.com/` },
    ],
    ['a URL of 10,000 characters', { picture: `https://example.com/${'a'.repeat(10_000)}` }],
    ['a locale that is a path', { locale: '../../etc/passwd' }],
    ['preferences of 5,000 bytes', { preferences: { a: 'x'.repeat(5_000) } }],
    ['preferences of 9 levels', { preferences: deep(9) }],
    ['preferences of 5,000 levels', { preferences: deep(5_000) }],
    ['U+0000 in preferences', { preferences: { a: '\u0000' } }],
    ['the prototype as a preference', { preferences: JSON.parse('{"__proto__":{"admin":true}}') }],
    ['a list in place of preferences', { preferences: [1] }],
  ];
  test.for(bad)('%s', async ([, input], { server }) => {
    const person = await signUp(server);
    const before = await userOf(server, person);
    const answer = await server.graphql(UPDATE_PROFILE, { input }, { token: person.accessToken });
    // A value of another type is refused before the operation runs.
    if (answer.data) expect(answer.data.updateProfile.__typename).toBe('InvalidInputError');
    else expect(answer.errors[0]?.message).not.toContain('INTERNAL');
    expect(answer.text).not.toContain('SERVICE_UNAVAILABLE');
    expect(await userOf(server, person)).toEqual(before);
  });
});

test('CL-3: a name with which the token would be too large is refused, and a shorter one never', async ({
  server,
}) => {
  const person = await signUp(server);
  await update(server, person, { name: 'Ada' });
  const long = '👩'.repeat(150);
  const refused = await update(server, person, { name: long });
  expect(refused).toMatchObject({
    __typename: 'InvalidInputError',
    issues: [{ path: ['input', 'name'] }],
  });
  expect((await userOf(server, person)).name).toBe('Ada');
  await queryDatabase(
    server.app.deps.db,
    sql`update users set name = ${long} where id = ${person.userId}::uuid`,
  );
  const shorter = await update(server, person, { name: '👩'.repeat(140) });
  expect(shorter.__typename).toBe('ProfileUpdated');
});

test('PR-8: the owner of an address inherits nothing of a profile that somebody else entered', async ({
  server,
}) => {
  const { deps } = server.app;
  const person = await signUp(server);
  await update(server, person, {
    ...{ name: 'Not Ada', picture: 'https://evil.example.com/pixel.gif', locale: 'xx' },
    preferences: { redirect: 'https://evil.example.com' },
  });
  await transaction(deps.db, (tx) => forgetEarlierClaimant(deps, tx, person.userId));
  expect(await userOf(server, await signUpAgain(server, person))).toEqual(EMPTY);
});

/** A session of a person whose credentials were removed. */
async function signUpAgain(server: TestServer, { email, password, userId }: Person) {
  const other = await signUp(server);
  await queryDatabase(
    server.app.deps.db,
    sql`update users set password_hash = (select password_hash from users where id = ${other.userId}::uuid) where id = ${userId}::uuid`,
  );
  return await signIn(server, { email, password });
}

test('CL-4: a change of roles or attributes counts at once here, and in a token with the next refresh', async ({
  server,
}) => {
  const person = await signUp(server);
  await giveRole(server, person, 'author');
  const { token } = await adminToken(server, ['ROLES_WRITE']);
  const before = (await refresh(server, person.refreshToken)).accessToken;
  expect(decodeJwt(before)['roles']).toEqual(['author']);
  const read = await userOf(server, person);
  expect(read.roles).toEqual(['author']);
  const input = { userId: person.userId, roles: [], expected: ['author'] };
  await server.admin(
    'mutation ($input: SetRolesInput!) { setRoles(input: $input) { __typename } }',
    { input },
    { token },
  );
  // The access token is the old one: what it says decides nothing here.
  expect((await userOf(server, person)).roles).toEqual([]);
  const renewed = (await refresh(server, person.refreshToken)).accessToken;
  expect(decodeJwt(renewed)['roles']).toBeUndefined();
  await queryDatabase(
    server.app.deps.db,
    sql`update users set attributes = '{"plan":"gold"}' where id = ${person.userId}::uuid`,
  );
  expect((await userOf(server, person)).attributes).toEqual({ plan: 'gold' });
});
