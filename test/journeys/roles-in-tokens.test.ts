import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, REGISTER, refresh, signIn, signUp } from '../support/journeys.ts';
import { queryDatabase } from '../support/query-database.ts';
import { enrollTotp, MFA } from '../support/second-factor.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { completeSignIn, linkOf, requestSignIn } from './email-sign-in/acts.ts';

const sayOf = (token: string) => {
  const { claims_version, roles, permissions } = decodeJwt(token);
  return { claims_version, roles, permissions };
};

/** What an administrator's change does, in one transaction. */
async function setRoles({ app }: TestServer, userId: string, names: readonly string[]) {
  const { db } = app.deps;
  for (const name of names)
    await queryDatabase(
      db,
      sql`insert into roles (name, permissions, created_at, updated_at)
        values (${name}, array[${`${name}:use`}, 'shared'], now(), now()) on conflict do nothing`,
    );
  await queryDatabase(db, sql`delete from user_roles where user_id = ${userId}`);
  for (const name of names)
    await queryDatabase(
      db,
      sql`insert into user_roles (user_id, role, granted_at, user_created_at) select id, ${name}, now(), created_at from users where id = ${userId}::uuid`,
    );
  await queryDatabase(
    db,
    sql`update users set claims_version = claims_version + 1 where id = ${userId}`,
  );
}

const roleTest = testWithServer({ env: { CLAIMS: '{"permissions":"$permissions"}' } });

describe('CL-1: every access token says what the database says when it is issued', () => {
  roleTest('by signing in, refreshing and proving again', async ({ server }) => {
    const person = await signUp(server);
    const none = { claims_version: 1, roles: undefined, permissions: [] };
    expect(sayOf(person.accessToken)).toEqual(none);
    await setRoles(server, person.userId, ['writer', 'author']);
    const two = {
      claims_version: 2,
      roles: ['author', 'writer'],
      permissions: ['author:use', 'shared', 'writer:use'],
    };
    const refreshed = await refresh(server, person.refreshToken);
    expect(sayOf(refreshed.accessToken)).toEqual(two);
    const second = await signIn(server, person);
    expect(sayOf(second.accessToken)).toEqual(two);
    const again = async () => {
      const input = { password: PASSWORD };
      const { data } = await server.graphql(
        MFA.reauthenticate,
        { input },
        { token: second.accessToken },
      );
      return sayOf(data.reauthenticate.accessToken);
    };
    expect(await again()).toEqual(two);
    // The refresh token was renewed by the proof; what an old token said is never carried on.
    await setRoles(server, person.userId, []);
    expect(await again()).toEqual({ ...none, claims_version: 3 });
    const replayed = await refresh(server, refreshed.refreshToken);
    expect(sayOf(replayed.accessToken)).toEqual({ ...none, claims_version: 3 });
  });

  roleTest('another person’s roles are in nobody else’s token', async ({ server }) => {
    const [one, other] = [await signUp(server), await signUp(server)];
    await setRoles(server, one.userId, ['author']);
    const { accessToken } = await refresh(server, other.refreshToken);
    expect(sayOf(accessToken).roles).toBeUndefined();
  });
});

test.each(['required', 'optional'])(
  'CL-5: everybody who registers is given DEFAULT_ROLES, which a start has made (EMAIL_VERIFICATION=%s)',
  async (EMAIL_VERIFICATION) => {
    const SECRET_KEYS = randomBytes(32).toString('base64');
    const roles = { DEFAULT_ROLES: 'reader,author', CLAIMS_PRESET: 'postgrest' };
    const env = { EMAIL_VERIFICATION, SECRET_KEYS, ...roles };
    const server = await startTestServer({ env });
    try {
      const person = await signUp(server);
      expect(decodeJwt(person.accessToken)).toMatchObject({
        roles: ['author', 'reader'],
        role: 'reader',
        claims_version: 1,
      });
      if (EMAIL_VERIFICATION === 'optional') {
        const input = { email: 'grace@example.com', password: PASSWORD };
        const { data } = await server.graphql(REGISTER, { input });
        expect(decodeJwt(data.register.accessToken)['roles']).toEqual(['author', 'reader']);
      }
      // A second start finds them.
      const next = await startTestServer({ env, database: server.database });
      await next.app.close();
      expect(await queryDatabase(server.app.deps.db, sql`select name from roles`)).toHaveLength(2);
    } finally {
      await server.close();
    }
  },
);

test('CL-5: a person who registers by a sign-in by mail is given DEFAULT_ROLES, too', async () => {
  const env = { EMAIL_SIGN_IN: 'register', DEFAULT_ROLES: 'reader,author' };
  const server = await startTestServer({ env });
  try {
    const mail = await requestSignIn(server, 'mail-only@example.com');
    const { accessToken } = await completeSignIn(server, linkOf(mail));
    expect(sayOf(accessToken).roles).toEqual(['author', 'reader']);
  } finally {
    await server.close();
  }
});

test.each(['hasura', 'postgrest'])(
  'MF-5: the token of a session that must still set up a second factor carries no roles and no custom claims (%s)',
  async (CLAIMS_PRESET) => {
    const CLAIMS = JSON.stringify({ permissions: '$permissions' });
    const env = { MFA_REQUIRED: 'true', CLAIMS_PRESET, CLAIMS, DEFAULT_ROLES: 'member' };
    const server = await startTestServer({ env });
    try {
      const person = await signUp(server);
      const added = ['roles', 'permissions', 'role', 'https://hasura.io/jwt/claims'];
      const addedTo = (token: string) => added.filter((name) => name in decodeJwt(token));
      expect(addedTo(person.accessToken)).toEqual([]);
      const restricted = await refresh(server, person.refreshToken);
      expect(addedTo(restricted.accessToken)).toEqual([]);
      await enrollTotp(server, person);
      const enrolled = await refresh(server, restricted.refreshToken);
      const preset = CLAIMS_PRESET === 'hasura' ? 'https://hasura.io/jwt/claims' : 'role';
      expect(addedTo(enrolled.accessToken)).toEqual(['roles', 'permissions', preset]);
    } finally {
      await server.close();
    }
  },
);
