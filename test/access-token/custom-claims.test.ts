import { describe, expect, test } from 'vitest';
import { customClaims, fitsInToken } from '../../src/access-token/custom-claims.ts';
import { signAccessToken } from '../../src/access-token/sign.ts';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { claimTemplates, RESERVED_CLAIMS } from '../../src/settings/claims.ts';
import { REQUEST, testDeps } from './support.ts';

const ENV = { NODE_ENV: 'test', DATABASE_URL: 'postgres://a:b@localhost/c' };
const configOf = (env: Record<string, string>) => loadConfig({ ...ENV, ...env });

const user = {
  id: REQUEST.userId,
  email: 'ada@example.com',
  emailVerifiedAt: new Date(),
  name: 'Ada',
  attributes: { org: 'acme', teams: ['a', 'b'], plan: { seats: 3 } } as Record<string, unknown>,
};
const roles = { names: ['author', 'editor'], permissions: ['posts:write'] };
const of = { user, roles, sessionId: REQUEST.sessionId };
const claimsOf = (env: Record<string, string>, about: Partial<typeof of> = {}) =>
  customClaims(configOf(env), { ...of, ...about });

test('without settings a token has no custom claim', () => {
  expect(claimsOf({})).toEqual({});
});

test('a template is filled in with values of their own type, and without a value there is no claim', () => {
  const CLAIMS = JSON.stringify({
    'https://app.example/who': { id: '$id', mail: '$email', proven: '$emailVerified' },
    label: '$name <$email>',
    permissions: '$permissions',
    all: ['$roles', '$session.id', '$attributes.none'],
    teams: '$attributes.teams',
    seats: '$attributes.plan',
    none: '$attributes.none',
    inherited: '$attributes.constructor',
    fixed: 'gold',
  });
  expect(claimsOf({ CLAIMS })).toEqual({
    'https://app.example/who': { id: user.id, mail: user.email, proven: true },
    label: 'Ada <ada@example.com>',
    permissions: ['posts:write'],
    all: [['author', 'editor'], REQUEST.sessionId],
    teams: ['a', 'b'],
    seats: { seats: 3 },
    fixed: 'gold',
  });
  expect(
    claimsOf({ CLAIMS: '{"name":"$name"}' }, { user: { ...user, name: null as never } }),
  ).toEqual({});
});

describe('CL-2: reserved names cannot be set', () => {
  test.each([...RESERVED_CLAIMS])('%s', (name) => {
    expect(RESERVED_CLAIMS).toHaveLength(19);
    expect(() => configOf({ CLAIMS: JSON.stringify({ [name]: 'x' }) })).toThrow(ConfigError);
    expect(() => configOf({ CLAIMS: JSON.stringify({ [`x-${name}`]: 'x' }) })).not.toThrow();
  });

  test.each([
    'https://hasura.io/jwt/claims',
    'x-hasura-user-id',
    'X-Hasura-Default-Role',
    'x-hasura-allowed-roles',
  ])('nor those that a preset sets: %s', (name) => {
    expect(() => configOf({ CLAIMS: JSON.stringify({ [name]: 'x' }) })).toThrow(ConfigError);
  });

  test('a custom claim replaces no claim of the server, whatever its name', () => {
    const deps = testDeps();
    const custom = Object.fromEntries(RESERVED_CLAIMS.map((name) => [name, 'forged']));
    const { token } = signAccessToken(deps, { ...REQUEST, roles: ['author'], custom });
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const own = Object.entries(payload).filter(([, value]) => value === 'forged');
    // This server sets none of these six. CLAIMS refuses their names.
    expect(own.map(([name]) => name).sort()).toEqual(['acr', 'act', 'cnf', 'nbf', 'scope', 'typ']);
  });
});

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['a number', '{"a":1}'],
  ['an unknown variable', '{"a":"$password"}'],
  ['an unknown variable inside', '{"a":{"b":["$passwordHash"]}}'],
  ['a lone dollar', '{"a":"$"}'],
  ['a list inside a text', '{"a":"all: $roles"}'],
  ['a nested attribute', '{"a":"$attributes"}'],
  ['five levels', '{"a":[[[["$id"]]]]}'],
  [
    'too many claims',
    JSON.stringify(Object.fromEntries([...Array(33).keys()].map((n) => [n, 'x']))),
  ],
])('CLAIMS is refused with %s, and not quoted', (_, text) => {
  const { success, error } = claimTemplates.safeParse(text);
  expect(success).toBe(false);
  expect(error?.issues.map(({ message }) => message).join()).not.toMatch(/password/);
});

test('AD-3: nobody becomes an administrator by registering', () => {
  expect(() => configOf({ DEFAULT_ROLES: 'author,admin' })).toThrow(ConfigError);
  expect(() => configOf({ DEFAULT_ROLES: 'Author' })).toThrow(ConfigError);
  expect(configOf({ DEFAULT_ROLES: 'author,reader' }).claims.defaultRoles).toEqual([
    'author',
    'reader',
  ]);
});

describe('CL-5: the presets', () => {
  const namespace = 'https://hasura.io/jwt/claims';
  const hasura = (env: Record<string, string> = {}, about: Partial<typeof of> = {}) =>
    claimsOf({ CLAIMS_PRESET: 'hasura', ...env }, about)[namespace];

  test('hasura: the allowed roles are a list, everything else is text', () => {
    expect(hasura()).toEqual({
      'x-hasura-user-id': user.id,
      'x-hasura-default-role': 'author',
      'x-hasura-allowed-roles': ['author', 'editor'],
    });
  });

  test('the default role is the first of DEFAULT_ROLES that the person holds', () => {
    expect(hasura({ DEFAULT_ROLES: 'reader,editor' })).toMatchObject({
      'x-hasura-default-role': 'editor',
    });
    expect(claimsOf({ CLAIMS_PRESET: 'postgrest', DEFAULT_ROLES: 'editor' })).toEqual({
      role: 'editor',
    });
    expect(claimsOf({ CLAIMS_PRESET: 'postgrest' })).toEqual({ role: 'author' });
  });

  test.each(['hasura', 'postgrest'])('%s: without a role there is no claim', (CLAIMS_PRESET) => {
    const CLAIMS = '{"x-hasura-org":"$attributes.org"}';
    const claims = claimsOf({ CLAIMS_PRESET, CLAIMS }, { roles: { names: [], permissions: [] } });
    expect(claims[namespace]).toBeUndefined();
    expect(claims['role']).toBeUndefined();
  });

  test.each([
    [['a', 'b'], '{"a","b"}'],
    [['{', '}', ','], '{"{","}",","}'],
    [['"', '\\'], '{"\\"","\\\\"}'],
    [['\\"}'], '{"\\\\\\"}"}'],
    [['NULL', null], '{"NULL",NULL}'],
    [['', ' '], '{""," "}'],
    [[1, true], '{"1","true"}'],
    [[], '{}'],
    ['{a,b}', '{a,b}'],
    [3, '3'],
  ])('hasura: %j is the text %s', (value, text) => {
    const claims = hasura(
      { CLAIMS: '{"x-hasura-orgs":"$attributes.value"}' },
      { user: { ...user, attributes: { value } } },
    );
    expect(claims).toMatchObject({ 'x-hasura-orgs': text });
  });
});

test('CL-3: the size is that of the roles and claims in bytes of JSON, and the limit itself fits', () => {
  const CLAIMS = '{"org":"$attributes.org"}';
  const size = Buffer.byteLength('{"roles":["author","editor"],"org":"ümlaut"}');
  const about = { user: { ...user, attributes: { org: 'ümlaut' } }, roles };
  const fits = (most: number) =>
    fitsInToken(configOf({ CLAIMS, CLAIMS_MAX_BYTES: String(most) }), about);
  expect(fits(64)).toBe(true);
  const long = { ...about, user: { ...user, attributes: { org: 'ü'.repeat(100) } } };
  const bytes = size - Buffer.byteLength('ümlaut') + 200;
  const limited = (most: number) =>
    fitsInToken(configOf({ CLAIMS, CLAIMS_MAX_BYTES: String(most) }), long);
  expect([limited(bytes - 1), limited(bytes)]).toEqual([false, true]);
});
