import { expect, test } from 'vitest';
import { readClaims } from '../../verify/src/claims.ts';
import {
  customClaims,
  ForbiddenError,
  requireNotImpersonated,
  requirePermission,
  requireRole,
} from '../../verify/src/index.ts';
import { AUDIENCE, goodPayload, ISSUER } from '../access-token/support.ts';

const now = new Date('2026-03-01T12:00:00Z');
const read = (changes: object) => {
  const expected = { issuer: ISSUER, audience: AUDIENCE, now, toleranceSeconds: 30 };
  const claims = readClaims({ ...goodPayload(now), ...changes }, expected);
  if ('reason' in claims) throw new Error(claims.reason);
  return claims;
};

test('a service reads roles, their version and the custom claims', () => {
  const claims = read({
    claims_version: 7,
    roles: ['author'],
    permissions: ['posts:write'],
    org: 4,
  });
  expect(claims).toMatchObject({
    roles: ['author'],
    claimsVersion: 7,
    custom: { permissions: ['posts:write'], org: 4 },
  });
  expect(Object.keys(claims.custom)).toEqual(['permissions', 'org']);
  expect(customClaims(claims, (json) => (json as { org: number }).org)).toBe(4);
});

test('a token without roles, and one of a release before them, has none', () => {
  expect(read({})).toMatchObject({ roles: [], claimsVersion: null, custom: {} });
});

test.each([
  ['roles that are a text', { roles: 'admin' }],
  ['roles that are no texts', { roles: [1] }],
  ['an empty role', { roles: [''] }],
  ['an actor that is a text', { act: 'me' }],
  ['an actor without a subject', { act: {} }],
  ['an actor that is nobody’s id', { act: { sub: 'admin' } }],
  ['an actor that is null', { act: null }],
  ['a version of 0', { claims_version: 0 }],
  ['a version that is a text', { claims_version: '1' }],
])('TK-3: %s are refused', (_, changes) => {
  expect(() => read(changes)).toThrow('claims');
});

test('IM-1: a service knows the administrator who acts as the person, and refuses them where only the person may act', () => {
  const administrator = '0199a0a0-0000-7000-8000-00000000000a';
  const support = read({ act: { sub: administrator }, amr: ['impersonation'] });
  expect(support.impersonatedBy).toBe(administrator);
  expect(support.custom).toEqual({});
  expect(() => requireNotImpersonated(support)).toThrow(ForbiddenError);
  expect(read({}).impersonatedBy).toBeNull();
  expect(() => requireNotImpersonated(read({}))).not.toThrow();
});

test('a role and a permission are required exactly, and of the own claims', () => {
  const claims = read({ roles: ['author'], permissions: ['posts:write'], scopes: ['a'] });
  expect(() => requireRole(claims, 'author')).not.toThrow();
  for (const role of ['auth', 'admin', 'Author', '']) {
    expect(() => requireRole(claims, role)).toThrow(ForbiddenError);
  }
  expect(() => requirePermission(claims, 'posts:write')).not.toThrow();
  expect(() => requirePermission(claims, 'a', 'scopes')).not.toThrow();
  expect(() => requirePermission(claims, 'posts')).toThrow(ForbiddenError);
  expect(() => requirePermission(read({ permissions: 'posts:write' }), 'posts')).toThrow(
    ForbiddenError,
  );
  expect(() => requirePermission(read({}), 'toString', 'constructor')).toThrow(ForbiddenError);
});
