import { afterAll, beforeAll, describe, expect } from 'vitest';
import { testWithProviders } from '../../support/fixture.ts';
import { type HonestProvider, startHonestProvider } from '../../support/honest-provider.ts';
import {
  begin,
  complete,
  countRows,
  lastFailure,
  redirectUriOf,
  startServerWith,
} from '../../support/oauth.ts';
import { CLIENT_SECRET } from '../../support/provider.ts';
import type { TestServer } from '../../support/server.ts';

let provider: HonestProvider;

const test = testWithProviders(() => [provider.setting()]);
beforeAll(async () => {
  provider = await startHonestProvider([redirectUriOf('honest')]);
});
afterAll(async () => {
  provider.close();
});

async function comeBack(server: TestServer, login: string, agrees?: boolean) {
  const { flowToken, authorizationUrl } = await begin(server, { provider: 'honest' });
  return { flowToken, callbackUrl: await provider.visit(authorizationUrl, login, agrees) };
}

describe('a provider that somebody else wrote (oidc-provider)', () => {
  test('signs a new person up, and the same person in again', async ({ server }) => {
    const first = await complete(server, await comeBack(server, 'ada'));
    expect(first).toMatchObject({
      __typename: 'SignedIn',
      viewer: {
        user: { email: 'ada@example.com', emailVerified: true, name: 'Ada' },
        session: { methods: ['oauth'] },
        identities: [{ email: 'ada@example.com', provider: { id: 'honest', name: 'Honest' } }],
      },
    });
    const again = await complete(server, await comeBack(server, 'ada'));
    expect(again.viewer.user.id).toBe(first.viewer.user.id);
    expect(again.viewer.session.id).not.toBe(first.viewer.session.id);
  });

  test('OA-4: announces `iss`, and a callback with another one or without it is rejected', async ({
    server,
  }) => {
    const returned = await comeBack(server, 'grace');
    expect(new URL(returned.callbackUrl).searchParams.get('iss')).toBe(provider.issuer);
    for (const iss of ['https://accounts.google.com', `${provider.issuer}/`, null]) {
      const { flowToken, callbackUrl } = await comeBack(server, 'grace');
      const url = new URL(callbackUrl);
      if (iss === null) url.searchParams.delete('iss');
      else url.searchParams.set('iss', iss);
      const before = await countRows(server);
      const result = await complete(server, { flowToken, callbackUrl: url.href });
      expect(result.__typename).toBe('OAuthFailedError');
      expect(lastFailure(server)).toMatchObject({ code: 'OAUTH_INVALID_RESPONSE' });
      expect(await countRows(server)).toEqual(before);
    }
    expect((await complete(server, returned)).__typename).toBe('SignedIn');
  });

  test('a cancellation at the provider changes nothing here', async ({ server }) => {
    const before = await countRows(server);
    const result = await complete(server, await comeBack(server, 'linus', false));
    expect(result.__typename).toBe('OAuthCancelledError');
    expect(lastFailure(server)).toMatchObject({ reason: 'cancelled' });
    expect(await countRows(server)).toEqual(before);
  });

  test('a code that it has already redeemed is rejected by the provider, too', async ({
    server,
  }) => {
    const { flowToken, callbackUrl } = await comeBack(server, 'edsger');
    const other = await begin(server, { provider: 'honest' });
    expect((await complete(server, { flowToken, callbackUrl })).__typename).toBe('SignedIn');
    const url = new URL(callbackUrl);
    const state = new URL(other.authorizationUrl).searchParams.get('state') ?? '';
    url.searchParams.set('state', state);
    const result = await complete(server, { flowToken: other.flowToken, callbackUrl: url.href });
    expect(result.__typename).toBe('OAuthFailedError');
    expect(lastFailure(server)).toMatchObject({ code: 'invalid_grant' });
  });
});

test('a wrong client secret is reported to the operator and signs nobody in', async () => {
  const setting = { ...provider.setting(), clientSecret: `${CLIENT_SECRET}!` };
  const misconfigured = await startServerWith([setting]);
  const { flowToken, authorizationUrl } = await begin(misconfigured, { provider: 'honest' });
  const callbackUrl = await provider.visit(authorizationUrl, 'ada');
  const result = await complete(misconfigured, { flowToken, callbackUrl });
  expect(result.__typename).toBe('OAuthFailedError');
  expect(lastFailure(misconfigured)).toMatchObject({
    code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
  });
  await misconfigured.close();
});

test.each(['ES256', 'PS256', 'EdDSA'] as const)('OA-3: ID tokens signed with %s', async (alg) => {
  const { generateKeyPair, exportJWK } = await import('jose');
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg };
  const signing = await startHonestProvider([redirectUriOf('honest')], {
    jwks: { keys: [jwk] },
    clientDefaults: { id_token_signed_response_alg: alg },
    enabledJWA: { idTokenSigningAlgValues: [alg] },
  });
  const one = await startServerWith([signing.setting()]);
  const { flowToken, authorizationUrl } = await begin(one, { provider: 'honest' });
  const callbackUrl = await signing.visit(authorizationUrl, 'ada');
  expect((await complete(one, { flowToken, callbackUrl })).__typename).toBe('SignedIn');
  await one.close();
  signing.close();
});
