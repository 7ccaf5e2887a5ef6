import { afterAll, beforeAll, describe, expect } from 'vitest';
import { HOUR, MINUTE } from '../../../src/kernel/duration.ts';
import { createFakeClock } from '../../support/clock.ts';
import { testWithProviders } from '../../support/fixture.ts';
import { complete, lastFailure, REDIRECT_URI, roundTrip, START } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import { callAs, MFA } from '../../support/second-factor.ts';
import type { TestServer } from '../../support/server.ts';

// SE-6 through a provider: its own sign-in may be days old (OpenID Connect Core 3.1.2.1, 15.1).
let provider: ForgingProvider;

const clock = createFakeClock();
const test = testWithProviders(() => [provider.setting()], { clock });
beforeAll(async () => {
  provider = await startForgingProvider(clock);
});
afterAll(async () => {
  await provider.close();
});

const seconds = (ago: number) => Math.floor((clock.now().getTime() - ago) / 1000);
const claimsOf = (sub: string, more: object = {}) => ({
  sub,
  email: `${sub}@example.com`,
  email_verified: true,
  ...more,
});

async function start(server: TestServer, freshLogin: boolean) {
  const input = { provider: 'forger', redirectUri: REDIRECT_URI, freshLogin };
  const { startOAuth } = (await server.graphql(START, { input })).data;
  return { ...startOAuth, query: new URL(startOAuth.authorizationUrl).searchParams };
}

/** A flow that requested a fresh sign-in. */
async function freshTrip(server: TestServer, claims: Record<string, unknown>) {
  provider.claims = claims;
  const { authorizationUrl, flowToken } = await start(server, true);
  const callbackUrl = await provider.visit(authorizationUrl);
  return await complete(server, { flowToken, callbackUrl });
}

test('a fresh sign-in is requested with prompt and max_age; an ordinary one requests the time of the sign-in', async ({
  server,
}) => {
  const [fresh, ordinary] = [await start(server, true), await start(server, false)];
  expect(fresh.query.get('prompt')).toBe('login');
  expect(fresh.query.get('max_age')).toBe('0');
  expect(ordinary.query.get('prompt')).toBeNull();
  expect(ordinary.query.get('max_age')).toBe(String(30 * 24 * 3600));
});

describe('a provider that signed the person in silently', () => {
  test.for([
    ['an hour ago', () => ({ auth_time: seconds(HOUR) }), 'LOGIN_NOT_FRESH'],
    ['and does not say when', () => ({ auth_time: undefined }), 'AUTH_TIME_MISSING'],
    ['and says it as text', () => ({ auth_time: String(seconds(0)) }), expect.any(String)],
  ] as const)('%s is no fresh sign-in', async ([_, more, code], { server }) => {
    const outcome = await freshTrip(server, claimsOf('silent', more()));
    expect(outcome.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ reason: 'answer-refused', code });
  });

  test('starts a session whose authentication is as old as the provider’s, without sensitive operations', async ({
    server,
  }) => {
    const old = await roundTrip(server, provider, claimsOf('old', { auth_time: seconds(HOUR) }));
    expect(old.__typename).toBe('SignedIn');
    const refused = await callAs(server, old.accessToken, MFA.enableTotp);
    expect(refused.__typename).toBe('StepUpRequiredError');
    const recent = claimsOf('old', { auth_time: seconds(5 * MINUTE) });
    const { accessToken } = await roundTrip(server, provider, recent);
    const begun = await callAs(server, accessToken, MFA.enableTotp);
    expect(begun.__typename).toBe('TotpEnrollment');
  });

  test('after a fresh sign-in the new session may run sensitive operations', async ({ server }) => {
    const { __typename, accessToken } = await freshTrip(
      server,
      claimsOf('renewed', { auth_time: seconds(0) }),
    );
    expect(__typename).toBe('SignedIn');
    const begun = await callAs(server, accessToken, MFA.enableTotp);
    expect(begun.__typename).toBe('TotpEnrollment');
  });
});

test('an auth_time in the future does not extend the authentication', async ({ server }) => {
  const claims = claimsOf('tomorrow', { auth_time: seconds(-24 * HOUR) });
  const { accessToken } = await roundTrip(server, provider, claims);
  clock.advance(11 * MINUTE);
  const refused = await callAs(server, accessToken, MFA.enableTotp);
  expect(refused.__typename).toBe('StepUpRequiredError');
});
