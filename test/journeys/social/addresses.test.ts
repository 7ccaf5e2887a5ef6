import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { build } from '../../../src/db/statement.ts';
import { users } from '../../../src/db/tables/user.ts';
import { testWithProviders } from '../../support/fixture.ts';
import { PASSWORD, REGISTER, signUp } from '../../support/journeys.ts';
import { countRows, IDENTITIES, lastFailure, roundTrip } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';

let provider: ForgingProvider;

const test = testWithProviders(() => [provider.setting()]);
beforeAll(async () => {
  provider = await startForgingProvider();
});
afterAll(async () => {
  await provider.close();
});

describe('OA-6: an address that the provider has not verified creates no account and finds none', () => {
  const unproven: readonly (readonly [string, Record<string, unknown>])[] = [
    ['false', { email_verified: false }],
    ['missing', {}],
    ['"true"', { email_verified: 'true' }],
    ['"false"', { email_verified: 'false' }],
    ['1', { email_verified: 1 }],
    ['null', { email_verified: null }],
  ];

  test.for(unproven)(
    'email_verified %s: a free and a taken address get the same error',
    async ([_what, flag], { server }) => {
      const taken = await signUp(server);
      const before = await countRows(server);
      for (const email of ['free@example.com', taken.email]) {
        const result = await roundTrip(server, provider, {
          sub: `unproven-${email}`,
          email,
          ...flag,
        });
        expect(result.__typename).toBe('OAuthFailedError');
        expect(lastFailure(server)).toMatchObject({ reason: 'email-not-verified' });
      }
      expect(await countRows(server)).toEqual(before);
    },
  );

  test.for([undefined, '', 'no address', 'a@b@c.example', 'a@example.com,b@example.com', 7])(
    'a text that is not an address (%s)',
    async (email, { server }) => {
      const result = await roundTrip(server, provider, { sub: 'x', email, email_verified: true });
      expect(result.__typename).toBe('OAuthFailedError');
      expect(lastFailure(server)).toMatchObject({ reason: 'no-email' });
    },
  );
});

describe('OA-5: issuer and subject are the identity', () => {
  test('an address never gives access to an existing account, in any spelling', async ({
    server,
  }) => {
    const person = await signUp(server);
    const before = await countRows(server);
    for (const email of [person.email, person.email.toUpperCase()]) {
      const claims = { sub: `same-${email}`, email, email_verified: true };
      const result = await roundTrip(server, provider, claims);
      expect(result).toMatchObject({
        __typename: 'AccountLinkRequiredError',
        provider: 'The forger',
      });
    }
    expect(await countRows(server)).toEqual(before);
  });

  test('of two subjects with one address, the second must link', async ({ server }) => {
    const claims = { email: 'shared@example.com', email_verified: true };
    const first = await roundTrip(server, provider, { sub: 'first', ...claims });
    expect(first.__typename).toBe('SignedIn');
    const second = await roundTrip(server, provider, { sub: 'second', ...claims });
    expect(second.__typename).toBe('AccountLinkRequiredError');
  });

  test('a changed address at the provider changes nothing here', async ({ server }) => {
    const other = await signUp(server);
    const first = await roundTrip(server, provider, {
      sub: 'moving',
      email: 'before@example.com',
      email_verified: true,
      name: 'Before',
    });
    for (const email of ['after@example.com', other.email, undefined]) {
      const claims = { sub: 'moving', email, email_verified: false, name: 'After' };
      const later = await roundTrip(server, provider, claims);
      expect(later).toMatchObject({
        __typename: 'SignedIn',
        viewer: { user: { id: first.viewer.user.id, email: 'before@example.com', name: 'Before' } },
      });
      const token = later.accessToken;
      const { data } = await server.graphql(IDENTITIES, undefined, { token });
      expect(data.viewer.identities).toMatchObject([{ email: 'before@example.com' }]);
    }
  });

  test('PR-8: a pending registration does not block the sign-in and is not restored afterwards', async ({
    server,
  }) => {
    const email = 'waiting@example.com';
    const { data } = await server.graphql(REGISTER, { input: { email, password: PASSWORD } });
    const { registrationToken } = data.register;
    const { code } = await server.mailTo(email);
    const result = await roundTrip(server, provider, { sub: 'waits', email, email_verified: true });
    expect(result.__typename).toBe('SignedIn');
    const verify = `mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename } }`;
    const proof = { code: { email, code } };
    const late = await server.graphql(verify, { input: { proof, registrationToken } });
    expect(late.data.verifyEmail.__typename).toBe('InvalidTokenError');
  });
});

describe('OA-8: the rules of every sign-in apply', () => {
  test('a disabled account is rejected', async ({ server }) => {
    const claims = { sub: 'barred', email: 'barred@example.com', email_verified: true };
    const first = await roundTrip(server, provider, claims);
    const disable = { disabledAt: new Date() };
    const { db } = server.app.deps;
    await queryDatabase(
      db,
      build.update(users).set(disable).where(eq(users.id, first.viewer.user.id)),
    );
    const again = await roundTrip(server, provider, claims);
    expect(again.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'account-disabled' });
    const bySubject = await roundTrip(server, provider, { ...claims, sub: 'another' });
    expect(bySubject.__typename).toBe('OAuthFailedError');
  });

  test('an unverified address must be verified first, if verification is required', async ({
    server,
  }) => {
    const claims = { sub: 'unproven', email: 'unproven@example.com', email_verified: true };
    const first = await roundTrip(server, provider, claims);
    const { db } = server.app.deps;
    const unverified = { emailVerifiedAt: null };
    await queryDatabase(
      db,
      build.update(users).set(unverified).where(eq(users.id, first.viewer.user.id)),
    );
    const again = await roundTrip(server, provider, claims);
    expect(again).toEqual({
      __typename: 'EmailVerificationRequired',
      email: 'unproven@example.com',
    });
    const { code } = await server.mailTo('unproven@example.com', 2);
    expect(code).toMatch(/^\d{8}$/);
  });
});

test('OA-11: no token of the provider is stored anywhere', async ({ server }) => {
  const claims = { sub: 'tokens', email: 'tokens@example.com', email_verified: true };
  await roundTrip(server, provider, claims);
  const dump = JSON.stringify(
    await queryDatabase(
      server.app.deps.db,
      'select u::text as u, i::text as i, f::text as f from users u left join identities i on i.user_id = u.id left join oauth_flows f on true',
    ),
  );
  expect(dump).toContain('tokens@example.com');
  expect(dump).not.toContain('eyJ');
});
