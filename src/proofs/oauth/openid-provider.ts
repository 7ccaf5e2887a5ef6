import type { Configuration, CustomFetch, ServerMetadata } from 'openid-client';
import type { OAuthProviderConfig } from '../../config.ts';
import { SECOND } from '../../kernel/duration.ts';
import type {
  AuthorizationRequest,
  IdentityProvider,
  ProvenIdentity,
} from '../../kernel/identity-provider.ts';
import type { Clock, Tracer } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';
import { isLoopback } from '../../settings/urls.ts';
import { toOAuthFailure } from './failure.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import {
  CLOCK_TOLERANCE,
  type ExpectedClaims,
  lacksAddress,
  provenIdentity,
  requireFreshLogin,
  requireStrictClaims,
} from './id-token.ts';
import { CALL_TIMEOUT, createMetadata } from './metadata.ts';
import { keepingKeys } from './recent-keys.ts';
import { withTenantIssuer } from './tenant.ts';
import { within } from './within.ts';

/** The dependencies of a provider. Tests pass another `fetch`. */
export type ProviderDeps = {
  readonly clock: Clock;
  readonly fetch?: CustomFetch;
  readonly tracer?: Tracer | null;
};

/** Requirements for every provider, in addition to its own settings. */
type Requirements = {
  /** The maximum age, in milliseconds, of the sign-in at the provider for an ordinary sign-in here. */
  readonly maxAge: number;
};

/** An OpenID Connect provider: authorization code with PKCE, nonce and state (OA-1). */
export function createOpenIdProvider(
  { clock, maxAge, ...deps }: ProviderDeps & Requirements,
  provider: OAuthProviderConfig,
): IdentityProvider {
  const { origin, hostname } = new URL(provider.issuer);
  const allowLoopback = isLoopback(hostname);
  const privateOrigin = provider.allowPrivateAddress ? origin : null;
  const untraced = deps.fetch ?? createGuardedFetch({ allowLoopback, privateOrigin });
  const { tracer } = deps;
  const fetch: CustomFetch = tracer
    ? (...call) => tracer.span('provider call', { provider: provider.id }, () => untraced(...call))
    : untraced;
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
    authorizationUrl: async ({ redirectUri, state, nonce, codeVerifier, freshSince }) => {
      const client = await import('openid-client');
      const parameters = {
        redirect_uri: redirectUri,
        scope: provider.scopes.join(' '),
        response_type: 'code',
        state,
        nonce,
        code_challenge: sha256(codeVerifier).toString('base64url'),
        code_challenge_method: 'S256',
        // If an age is requested, a provider must report when the person signed in (OpenID Connect Core 2).
        ...(freshSince ? { prompt: 'login', max_age: '0' } : { max_age: String(maxAge / SECOND) }),
      };
      return await orFailure(
        async () =>
          client.buildAuthorizationUrl(await configured(await serverOf()), parameters).href,
      );
    },
    identify: (request, callbackUrl) =>
      within(CALL_TIMEOUT, () =>
        orFailure(async () => {
          const server = await serverOf();
          return await withTenantIssuer(
            provider,
            server,
            withKeys(server.jwks_uri),
            async (tenant, through) =>
              exchange(await configured(tenant, through), expected, request, callbackUrl),
          );
        }),
      ),
  };
}

async function orFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOAuthFailure(error);
  }
}

/**
 * A client for one flow. The library reads the system's clock, so it gets the difference to the clock that
 * decides about lifetimes. It verifies signatures only on request, because the response came over TLS; this
 * server requires both.
 */
async function configure(
  provider: OAuthProviderConfig,
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
    (provider.tokenAuth ?? (needsPost(server) ? 'post' : 'basic')) === 'post'
      ? client.ClientSecretPost(provider.clientSecret)
      : client.ClientSecretBasic(provider.clientSecret),
  );
  configuration.timeout = CALL_TIMEOUT / SECOND;
  configuration[client.customFetch] = fetch;
  if (provider.issuer.startsWith('http:')) client.allowInsecureRequests(configuration);
  client.enableNonRepudiationChecks(configuration);
  return configuration;
}

/** A provider accepts Basic unless it says otherwise (OpenID Connect Discovery 3). */
function needsPost(server: ServerMetadata): boolean {
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return !methods.includes('client_secret_basic') && methods.includes('client_secret_post');
}

async function exchange(
  configuration: Configuration,
  expected: ExpectedClaims,
  request: AuthorizationRequest,
  callbackUrl: string,
): Promise<ProvenIdentity> {
  const client = await import('openid-client');
  const tokens = await client.authorizationCodeGrant(configuration, new URL(callbackUrl), {
    expectedState: request.state,
    expectedNonce: request.nonce,
    pkceCodeVerifier: request.codeVerifier,
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
