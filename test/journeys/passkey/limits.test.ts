import { sql } from 'drizzle-orm';
import { describe, expect } from 'vitest';
import { testWithServer } from '../../support/fixture.ts';
import { LOGIN, type Person, signUp } from '../../support/journeys.ts';
import { authenticatorFor, enroll, PASSKEY, signInProof } from '../../support/passkeys.ts';
import { queryDatabase } from '../../support/query-database.ts';
import { enrollTotp } from '../../support/second-factor.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { completeSignIn, linkOf, requestSignIn } from '../email-sign-in/acts.ts';

/** Documentation addresses (RFC 5737): the limits of a source spare the developer's own machine. */
const ADDRESS = '192.0.2.7';
const test = testWithServer({
  env: { PASSKEY_ORIGINS: 'http://localhost:4000,https://b.example' },
});

async function withPasskey(server: TestServer) {
  await queryDatabase(server.app.deps.db, sql`delete from rate_limit_counters`);
  const person = await signUp(server);
  const authenticator = authenticatorFor(server);
  await enroll(server, person, authenticator);
  return { person, authenticator };
}

async function passkeyFrom(
  server: TestServer,
  authenticator: ReturnType<typeof authenticatorFor>,
  overrides = {},
): Promise<string> {
  const proof = await signInProof(server, authenticator, overrides);
  const input = { proof };
  const { data } = await server.graphql(PASSKEY.completeSignIn, { input }, { address: ADDRESS });
  return data.completePasskeySignIn.__typename;
}

async function passwordFrom(server: TestServer, { email }: Person, password: string) {
  const input = { email, password };
  const { data } = await server.graphql(LOGIN, { input }, { address: ADDRESS });
  return data.login.__typename;
}

describe('PK-6: the limits of passwords and of passkeys', () => {
  test('wrong passwords close the password of an account and not its passkeys', async ({
    server,
  }) => {
    const { person, authenticator } = await withPasskey(server);
    for (let wrong = 0; wrong < 10; wrong += 1) await passwordFrom(server, person, 'not this one');
    expect(await passwordFrom(server, person, person.password)).toBe('RateLimitedError');
    expect(await passkeyFrom(server, authenticator)).toBe('SignedIn');
  });

  test('right passwords without the second factor close neither the passkey nor the mails of an account', async () => {
    const limits = { 'sign-ins.account': { allowance: 20 } };
    const server = await startTestServer({
      env: { EMAIL_SIGN_IN: 'existing', RATE_LIMITS: JSON.stringify(limits) },
    });
    try {
      const { person, authenticator } = await withPasskey(server);
      await enrollTotp(server, person);
      for (let right = 0; right < 20; right += 1)
        await passwordFrom(server, person, person.password);
      expect(await passwordFrom(server, person, person.password)).toBe('RateLimitedError');
      expect(await passkeyFrom(server, authenticator)).toBe('SignedIn');
      const mail = await requestSignIn(server, person.email);
      expect((await completeSignIn(server, linkOf(mail))).__typename).toBe('MfaRequired');
    } finally {
      await server.close();
    }
  });

  test('refused passkeys close the passkeys of a source and not its passwords', async ({
    server,
  }) => {
    const { person, authenticator } = await withPasskey(server);
    const forged = { challenge: 'AAAA' };
    for (let wrong = 0; wrong < 60; wrong += 1) {
      expect(await passkeyFrom(server, authenticator, forged)).toBe('InvalidPasskeyError');
    }
    expect(await passkeyFrom(server, authenticator)).toBe('RateLimitedError');
    expect(await passwordFrom(server, person, person.password)).toBe('SignedIn');
  });

  test('a right passkey is not counted', async ({ server }) => {
    const { authenticator } = await withPasskey(server);
    for (let right = 0; right < 62; right += 1) {
      expect(await passkeyFrom(server, authenticator)).toBe('SignedIn');
    }
  });
});

test('PK-2a: another of PASSKEY_ORIGINS may use the passkeys, and is published', async ({
  server,
}) => {
  const { authenticator } = await withPasskey(server);
  expect(await passkeyFrom(server, authenticator, { origin: 'https://b.example' })).toBe(
    'SignedIn',
  );
  const published = await server.request('/.well-known/webauthn');
  expect(published.headers.get('content-type')).toContain('application/json');
  expect(await published.json()).toEqual({
    origins: ['http://localhost:4000', 'https://b.example'],
  });
});
