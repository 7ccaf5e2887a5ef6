import { isNull } from 'drizzle-orm';
import { identities } from '../../src/db/tables/identity.ts';
import { sessions } from '../../src/db/tables/session.ts';
import { users } from '../../src/db/tables/user.ts';
import { documentOf } from './documents.ts';
import type { ForgingProvider } from './provider.ts';
import { countRowsOf } from './query-database.ts';
import { type ServerOptions, startTestServer, type TestServer } from './server.ts';

/** Where a provider sends the browser back to by default. */
export const redirectUriOf = (provider: string) =>
  `http://localhost:4000/oauth/callback/${provider}`;

/** The same for the provider of most tests. */
export const REDIRECT_URI = redirectUriOf('forger');

export const START = documentOf('startOAuth');

/** With the identities, which the client library's document does not select. */
export const COMPLETE = `mutation ($input: CompleteOAuthInput!) { completeOAuth(input: $input) {
  __typename
  ... on SignedIn { accessToken refreshToken viewer { user { id email emailVerified name }
    session { id methods } identities { id email provider { id name } } } }
  ... on IdentityLinked { identity { id email provider { id } } viewer { identities { id } } }
  ... on MfaRequired { challengeToken methods }
  ... on EmailVerificationRequired { email }
  ... on AccountLinkRequiredError { provider }
  ... on OAuthFailedError { reason }
  ... on Error { message }
} }`;

export const UNLINK = `mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) {
  __typename
  ... on IdentityUnlinked { viewer { identities { id } } }
  ... on Error { message }
} }`;

export const IDENTITIES = `{ viewer { user { id email } identities { id email linkedAt
  provider { id name } } } }`;

/** A server that knows these providers. */
export function startServerWith(
  providers: readonly object[],
  options: ServerOptions = {},
): Promise<TestServer> {
  const env = { ...options.env, OIDC_PROVIDERS: JSON.stringify(providers) };
  return startTestServer({ ...options, env });
}

export type Begun = { readonly flowToken: string; readonly authorizationUrl: string };

export async function begin(
  server: TestServer,
  wanted: { provider?: string; token?: string | undefined; redirectUri?: string } = {},
): Promise<Begun> {
  const { provider = 'forger', redirectUri = redirectUriOf(provider), token } = wanted;
  const { data } = await server.graphql(START, { input: { provider, redirectUri } }, { token });
  if (data.startOAuth.__typename !== 'OAuthStarted') {
    throw new Error(`Expected OAuthStarted, got ${data.startOAuth.__typename}.`);
  }
  return data.startOAuth;
}

export async function complete(
  server: TestServer,
  input: { flowToken: string; callbackUrl: string },
  token?: string,
) {
  const { data, errors } = await server.graphql(COMPLETE, { input }, { token });
  if (!data) throw new Error(`A fault: ${errors[0]?.message}`);
  return data.completeOAuth;
}

/** The whole round trip, with these claims. With a token it links. */
export async function roundTrip(
  server: TestServer,
  provider: ForgingProvider,
  claims: Record<string, unknown>,
  token?: string,
) {
  provider.claims = claims;
  const configured = server.app.deps.config.oauth.providers;
  const id = configured.find((one) => one.issuer === provider.issuer)?.id ?? '';
  const { flowToken, authorizationUrl } = await begin(server, { token, provider: id });
  const callbackUrl = await provider.visit(authorizationUrl);
  return await complete(server, { flowToken, callbackUrl }, token);
}

/** The reason of the latest failed flow, as the log reports it. */
export function lastFailure(server: TestServer) {
  return server.logged.filter((line) => line.message === 'oauth failed').at(-1);
}

/** How many rows there are of what a round trip may make. */
export async function countRows(server: TestServer) {
  const { db } = server.app.deps;
  return {
    users: await countRowsOf(db, users),
    identities: await countRowsOf(db, identities),
    sessions: await countRowsOf(db, sessions, isNull(sessions.revokedAt)),
  };
}
