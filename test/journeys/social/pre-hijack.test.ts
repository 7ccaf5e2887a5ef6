import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { build } from '../../../src/db/statement.ts';
import { users } from '../../../src/db/tables/user.ts';
import { testWithProviders } from '../../support/fixture.ts';
import { LOGIN, PASSWORD, REFRESH, REGISTER, VERIFY_EMAIL } from '../../support/journeys.ts';
import { begin, complete, IDENTITIES, roundTrip } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { queryDatabase } from '../../support/query-database.ts';
import type { TestServer } from '../../support/server.ts';
import {
  askForReset,
  mailTitled,
  NEW_PASSWORD,
  RESEND,
  RESET,
  TITLES,
  typeOf,
} from '../account-care.ts';

/**
 * The attacks of "Pre-hijacked accounts" (arXiv 2205.10174) that involve a provider. The attacker claims the
 * victim's address first, and the victim signs in with the provider later. Verification is optional here,
 * because otherwise an unverified address never has an account.
 */
let provider: ForgingProvider;

const test = testWithProviders(() => [provider.setting()], {
  env: { EMAIL_VERIFICATION: 'optional' },
});
beforeAll(async () => {
  provider = await startForgingProvider();
});
afterAll(async () => {
  await provider.close();
});

let victims = 0;
let email: string;
let victim: { sub: string; email: string; email_verified: boolean; name: string };
beforeEach(() => {
  victims += 1;
  email = `victim-${victims}@example.com`;
  victim = { sub: `victim-${victims}`, email, email_verified: true, name: 'Vic' };
});

async function attackerRegisters(server: TestServer) {
  const input = { email, password: PASSWORD, name: 'Owned by Mallory' };
  const { data } = await server.graphql(REGISTER, { input });
  expect(data.register.__typename).toBe('SignedIn');
  return data.register as { accessToken: string; refreshToken: string };
}

async function victimComes(server: TestServer) {
  const result = await roundTrip(server, provider, victim);
  expect(result).toMatchObject({
    __typename: 'SignedIn',
    viewer: { user: { email, emailVerified: true, name: 'Vic' } },
  });
  return result;
}

describe('PR-8: the attacker keeps nothing of an account whose address the victim then verifies', () => {
  test('classic-federated merge: not the password', async ({ server }) => {
    await attackerRegisters(server);
    await victimComes(server);
    const { data } = await server.graphql(LOGIN, { input: { email, password: PASSWORD } });
    expect(data.login.__typename).toBe('InvalidCredentialsError');
  });

  test('unexpired session: neither access token nor refresh token', async ({ server }) => {
    const attacker = await attackerRegisters(server);
    await victimComes(server);
    const token = attacker.accessToken;
    const seen = await server.graphql(IDENTITIES, undefined, { token });
    expect(seen.data.viewer).toBeNull();
    const input = { refreshToken: attacker.refreshToken };
    const { data } = await server.graphql(REFRESH, { input });
    expect(data.refreshToken.__typename).toBe('InvalidTokenError');
    // Proofs that the earlier credentials gave a moment ago are invalid too.
    const { db } = server.app.deps;
    const [user] = await queryDatabase(
      db,
      build.select().from(users).where(eq(users.email, email)),
    );
    expect(user?.credentialVersion).toBe(2);
  });

  test('trojan identifier: not the attacker’s own identity that was linked before', async ({
    server,
  }) => {
    const attacker = await attackerRegisters(server);
    const trojan = { sub: `mallory-${email}`, email: 'mallory@evil.example', email_verified: true };
    const linked = await roundTrip(server, provider, trojan, attacker.accessToken);
    expect(linked.__typename).toBe('IdentityLinked');
    const { viewer } = await victimComes(server);
    expect(viewer.identities).toMatchObject([{ email }]);
    const back = await roundTrip(server, provider, trojan);
    expect(back.viewer.user.email).toBe('mallory@evil.example');
    expect(back.viewer.user.id).not.toBe(viewer.user.id);
  });

  test('trojan identifier: nor if the victim comes by mail, with a reset or a verification', async ({
    server,
  }) => {
    for (const way of ['reset', 'verification']) {
      email = `by-${way}-${victim.email}`;
      const attacker = await attackerRegisters(server);
      const trojan = { sub: `mallory-${email}`, email: `mallory-${email}`, email_verified: true };
      const linked = await roundTrip(server, provider, trojan, attacker.accessToken);
      expect(linked.__typename).toBe('IdentityLinked');
      if (way === 'reset') {
        const proof = { token: (await askForReset(server, email)).token };
        const input = { proof, newPassword: NEW_PASSWORD };
        expect(typeOf(await server.graphql(RESET, { input }))).toBe('PasswordChanged');
      } else {
        await server.graphql(RESEND, { input: { email } });
        const { token } = await mailTitled(server, email, TITLES.verify, 2);
        const input = { proof: { token }, password: NEW_PASSWORD };
        const verified = await server.graphql(VERIFY_EMAIL, { input });
        expect(typeOf(verified)).toBe('SignedIn');
      }
      const back = await roundTrip(server, provider, trojan);
      expect(back.viewer.user.email).toBe(trojan.email);
    }
  });

  test('a link that was started before and completed after', async ({ server }) => {
    const attacker = await attackerRegisters(server);
    const token = attacker.accessToken;
    const { flowToken, authorizationUrl } = await begin(server, { token });
    const callbackUrl = await provider.visit(authorizationUrl);
    await victimComes(server);
    provider.claims = { sub: `late-${email}`, email: 'mallory@evil.example', email_verified: true };
    const late = await complete(server, { flowToken, callbackUrl }, token);
    expect(late.__typename).toBe('OAuthFailedError');
  });

  test('a mail proof that was requested before', async ({ server }) => {
    await attackerRegisters(server);
    const { code, token } = await server.mailTo(email);
    const { viewer } = await victimComes(server);
    const verify = `mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { __typename } }`;
    for (const proof of [{ token }, { code: { email, code } }]) {
      const { data } = await server.graphql(verify, { input: { proof } });
      expect(data.verifyEmail.__typename).toBe('InvalidTokenError');
    }
    expect(viewer.user.emailVerified).toBe(true);
  });

  test('non-verifying provider: an unverified claim of the victim’s address creates no account', async ({
    server,
  }) => {
    const claims = { sub: `fake-${email}`, email, email_verified: false };
    const fake = await roundTrip(server, provider, claims);
    expect(fake.__typename).toBe('OAuthFailedError');
    const { viewer } = await victimComes(server);
    expect(viewer.identities).toHaveLength(1);
  });

  test('and a mail notifies the victim that the account has a new way of signing in', async ({
    server,
  }) => {
    await attackerRegisters(server);
    await victimComes(server);
    const mail = await server.mailTo(email, 2);
    expect(mail.text).toContain('The forger');
  });
});

test('a verified address is never taken over: the second person must link', async ({ server }) => {
  await victimComes(server);
  const other = await roundTrip(server, provider, { ...victim, sub: `other-${email}` });
  expect(other.__typename).toBe('AccountLinkRequiredError');
});
