import type { CustomFetch, ServerMetadata } from 'openid-client';
import type { OAuth2ProviderConfig } from '../../config.ts';
import type {
  AuthorizationRequest,
  IdentityProvider,
  ProvenIdentity,
} from '../../kernel/identity-provider.ts';
import type { Clock } from '../../kernel/ports.ts';
import { codeChallenge, type ProviderDeps } from './authorization-code.ts';
import { clientAuthentication } from './client-authentication.ts';
import { OAuthFailedError } from './errors.ts';
import { orOAuthFailure } from './failure.ts';
import { parseAnswer } from './json.ts';
import { CALL_TIMEOUT } from './metadata.ts';
import { identityFromProfile } from './profile.ts';
import { createProviderFetch } from './provider-fetch.ts';
import { readingTokenResponse } from './token-response.ts';
import { within } from './within.ts';

/**
 * An OAuth 2.0 provider that issues no ID token, or none that can be used: authorization code with state and PKCE,
 * then the profile from its userinfo endpoint. The settings name the endpoints, so no answer of the provider can
 * send a request elsewhere (O2-4).
 */
export function createOAuth2Provider(
  { clock, ...deps }: ProviderDeps,
  provider: OAuth2ProviderConfig,
): IdentityProvider {
  const fetch = createProviderFetch(deps, provider);
  const server: ServerMetadata = {
    issuer: provider.issuer,
    authorization_endpoint: provider.authorizationEndpoint,
    token_endpoint: provider.tokenEndpoint,
    // If the settings say so, a callback without `iss` is rejected (OA-4).
    authorization_response_iss_parameter_supported: provider.issParameter,
  };
  return {
    id: provider.id,
    name: provider.name,
    issuer: provider.issuer,
    redirectUris: provider.redirectUris,
    authorizationUrl: async (request) => {
      // No such provider reports when the person signed in, so nothing could confirm a fresh sign-in (SE-6).
      if (request.freshSince) throw new OAuthFailedError('answer-refused', 'AUTH_TIME_MISSING');
      const client = await import('openid-client');
      const configuration = await configure(provider, server, clock, fetch);
      const parameters = {
        redirect_uri: request.redirectUri,
        scope: provider.scopes.join(' '),
        response_type: 'code',
        state: request.state,
        ...codeChallenge(provider, request),
      };
      return client.buildAuthorizationUrl(configuration, parameters).href;
    },
    identify: (request, callbackUrl) =>
      within(CALL_TIMEOUT, () =>
        orOAuthFailure(() => exchange({ provider, server, clock, fetch }, request, callbackUrl)),
      ),
  };
}

async function configure(
  provider: OAuth2ProviderConfig,
  server: ServerMetadata,
  clock: Clock,
  fetch: CustomFetch,
) {
  const client = await import('openid-client');
  const authentication = await clientAuthentication(provider, provider.tokenAuth ?? 'basic', clock);
  const configuration = new client.Configuration(server, provider.clientId, {}, authentication);
  configuration.timeout = CALL_TIMEOUT / 1000;
  const { tokenEndpoint: endpoint } = provider;
  configuration[client.customFetch] = readingTokenResponse(fetch, {
    endpoint,
    withoutIdToken: true,
  });
  // The guarded fetch allows plain http only for a loopback issuer.
  if (endpoint.startsWith('http:')) client.allowInsecureRequests(configuration);
  return configuration;
}

async function exchange(
  parts: {
    readonly provider: OAuth2ProviderConfig;
    readonly server: ServerMetadata;
    readonly clock: Clock;
    readonly fetch: CustomFetch;
  },
  request: AuthorizationRequest,
  callbackUrl: string,
): Promise<ProvenIdentity> {
  const { provider, server, clock, fetch } = parts;
  const client = await import('openid-client');
  const configuration = await configure(provider, server, clock, fetch);
  const { access_token: token } = await client.authorizationCodeGrant(
    configuration,
    new URL(callbackUrl),
    {
      expectedState: request.state,
      ...(provider.pkce && { pkceCodeVerifier: request.codeVerifier }),
    },
  );
  // The access token is used here and then dropped (O2-4).
  const { emails } = provider;
  const [profile, list] = await Promise.all([
    read(fetch, provider.userinfoEndpoint, token),
    emails ? readIfAllowed(fetch, emails.endpoint, token) : null,
  ]);
  return identityFromProfile(provider, profile, list);
}

async function read(fetch: CustomFetch, url: string, token: string): Promise<unknown> {
  const { status, content } = await ask(fetch, url, token);
  if (status !== 200) throw new OAuthFailedError('answer-refused', 'USERINFO');
  return content;
}

/** If the provider refuses the list (403, 404), the person has no proven address. */
async function readIfAllowed(fetch: CustomFetch, url: string, token: string): Promise<unknown> {
  const { status, content } = await ask(fetch, url, token);
  if (status === 403 || status === 404) return null;
  if (status !== 200) throw new OAuthFailedError('answer-refused', 'USERINFO');
  return content;
}

async function ask(
  fetch: CustomFetch,
  url: string,
  token: string,
): Promise<{ readonly status: number; readonly content: unknown }> {
  const response = await fetch(url, {
    method: 'GET',
    // GitHub and Discord reject a request without a user agent.
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      'user-agent': 'latchkey',
    },
    body: undefined,
    redirect: 'manual',
    signal: AbortSignal.timeout(CALL_TIMEOUT),
  });
  return { status: response.status, content: parseAnswer(await response.text()) };
}
