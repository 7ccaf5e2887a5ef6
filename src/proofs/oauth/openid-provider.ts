import type { Configuration, CustomFetch, ServerMetadata } from 'openid-client';
import type { OpenIdProviderConfig } from '../../config.ts';
import { SECOND } from '../../kernel/duration.ts';
import type {
  AuthorizationRequest,
  IdentityProvider,
  ProvenIdentity,
} from '../../kernel/identity-provider.ts';
import type { Clock } from '../../kernel/ports.ts';
import { codeChallenge, type ProviderDeps } from './authorization-code.ts';
import { clientAuthentication } from './client-authentication.ts';
import { orOAuthFailure } from './failure.ts';
import {
  CLOCK_TOLERANCE,
  type ExpectedClaims,
  lacksAddress,
  provenIdentity,
  requireFreshLogin,
  requireStrictClaims,
} from './id-token.ts';
import { CALL_TIMEOUT, createMetadata } from './metadata.ts';
import { createProviderFetch } from './provider-fetch.ts';
import { keepingKeys } from './recent-keys.ts';
import { withTenantIssuer } from './tenant.ts';
import { readingTokenResponse } from './token-response.ts';
import { within } from './within.ts';

/** Requirements for every provider, in addition to its own settings. */
type Requirements = {
  /** The maximum age, in milliseconds, of the sign-in at the provider for an ordinary sign-in here. */
  readonly maxAge: number;
};

/** An OpenID Connect provider: authorization code with PKCE, nonce and state (OA-1). */
export function createOpenIdProvider(
  { clock, maxAge, ...deps }: ProviderDeps & Requirements,
  provider: OpenIdProviderConfig,
): IdentityProvider {
  const fetch = createProviderFetch(deps, provider);
  const metadata = createMetadata({ clock, fetch }, provider);
  const withKeys = keepingKeys(fetch, clock);

  const serverOf = async (): Promise<ServerMetadata> => {
    const server = await metadata();
    // If the settings say so, a callback without `iss` is rejected (OA-4).
    return provider.issParameter
      ? { ...server, authorization_response_iss_parameter_supported: true }
      : server;
  };
  const configured = (server: ServerMetadata, through = withKeys(server.jwks_uri)) =>
    configure(provider, server, clock, through);
  const expected = { ...provider, clock };

  return {
    id: provider.id,
    name: provider.name,
    issuer: provider.issuer,
    redirectUris: provider.redirectUris,
    authorizationUrl: async (request) => {
      const { state, nonce, freshSince } = request;
      const client = await import('openid-client');
      const parameters = {
        ...provider.authorizationParameters,
        redirect_uri: provider.formPostUri ?? request.redirectUri,
        ...(provider.formPostUri !== null && { response_mode: 'form_post' }),
        scope: provider.scopes.join(' '),
        response_type: 'code',
        state,
        nonce,
        ...codeChallenge(provider, request),
        // If an age is requested, a provider must report when the person signed in (OpenID Connect Core 2).
        ...(freshSince ? { prompt: 'login', max_age: '0' } : { max_age: String(maxAge / SECOND) }),
      };
      return await orOAuthFailure(
        async () =>
          client.buildAuthorizationUrl(await configured(await serverOf()), parameters).href,
      );
    },
    identify: (request, callbackUrl) =>
      within(CALL_TIMEOUT, () =>
        orOAuthFailure(async () => {
          const server = await serverOf();
          const answered = answeredAt(provider, callbackUrl);
          return await withTenantIssuer(
            provider,
            server,
            withKeys(server.jwks_uri),
            async (tenant, through) =>
              exchange(await configured(tenant, through), expected, request, answered),
          );
        }),
      ),
  };
}

/**
 * A client for one flow. The library reads the system's clock, so it gets the difference to the clock that
 * decides about lifetimes. It verifies signatures only on request, because the response came over TLS; this
 * server requires both.
 */
async function configure(
  provider: OpenIdProviderConfig,
  server: ServerMetadata,
  clock: Clock,
  fetch: CustomFetch,
): Promise<Configuration> {
  const client = await import('openid-client');
  const configuration = new client.Configuration(
    server,
    provider.clientId,
    {
      [client.clockSkew]: Math.round((clock.now().getTime() - Date.now()) / SECOND),
      [client.clockTolerance]: CLOCK_TOLERANCE,
    },
    await clientAuthentication(
      provider,
      provider.tokenAuth ?? (needsPost(server) ? 'post' : 'basic'),
      clock,
    ),
  );
  configuration.timeout = CALL_TIMEOUT / SECOND;
  const { token_endpoint: endpoint } = server;
  configuration[client.customFetch] = readingTokenResponse(fetch, {
    endpoint,
    withoutIdToken: false,
  });
  if (provider.issuer.startsWith('http:')) client.allowInsecureRequests(configuration);
  client.enableNonRepudiationChecks(configuration);
  return configuration;
}

/**
 * The URL at which the provider's answer arrived, from which the library derives the `redirect_uri` of the
 * exchange. An answer that was posted to this server had its own (AP-1).
 */
function answeredAt({ formPostUri }: OpenIdProviderConfig, callbackUrl: string): string {
  return formPostUri === null ? callbackUrl : formPostUri + new URL(callbackUrl).search;
}

/** A provider accepts Basic unless it says otherwise (OpenID Connect Discovery 3). */
function needsPost(server: ServerMetadata): boolean {
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return !methods.includes('client_secret_basic') && methods.includes('client_secret_post');
}

async function exchange(
  configuration: Configuration,
  expected: ExpectedClaims & Pick<OpenIdProviderConfig, 'pkce'>,
  request: AuthorizationRequest,
  callbackUrl: string,
): Promise<ProvenIdentity> {
  const client = await import('openid-client');
  const tokens = await client.authorizationCodeGrant(configuration, new URL(callbackUrl), {
    expectedState: request.state,
    expectedNonce: request.nonce,
    ...(expected.pkce && { pkceCodeVerifier: request.codeVerifier }),
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims) throw new TypeError('A validated answer has no ID token.');
  requireStrictClaims(claims, expected);
  requireFreshLogin(claims, request.freshSince);
  // Many providers report the address only at the userinfo endpoint (OpenID Connect Core 5.4).
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  const userinfo =
    lacksAddress(claims, expected) && endpoint !== undefined
      ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      : null;
  return provenIdentity(claims, userinfo?.email === undefined ? claims : userinfo, expected);
}
