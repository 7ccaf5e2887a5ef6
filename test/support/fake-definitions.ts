import { generateKeyPairSync } from 'node:crypto';

/**
 * What the fakes of the presets answer: the examples of each provider's documentation, and what is known to differ
 * from it. Nobody could try them against the real providers (docs/providers.md).
 */

type Json = Record<string, unknown>;

export type FakeDefinition = {
  /** The members of the setting besides the preset. */
  readonly setting: object;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: 'post' | 'basic' | 'encoded-basic' | 'signed';
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly requiresPkce?: true;
  /** The exchange of a web client fails if it contains a verifier. */
  readonly rejectsVerifier?: true;
  answer(grant: {
    readonly code: string;
    readonly state: string;
    readonly redirectUri: string;
    readonly asked: URLSearchParams;
  }): { readonly url: string; readonly form: URLSearchParams | null };
  token(token: string, idToken: string | null): Json;
  /** The error response, with its status as `$status`. */
  tokenError(code: string): Json;
  /** The response to a request without a valid access token. */
  readonly rejection: Json;
  /** What a holder of an access token reads, by URL. */
  readonly documents: Readonly<Record<string, unknown>>;
  readonly publicDocuments?: Readonly<Record<string, unknown>>;
  readonly jwksUri?: string;
  /** The claims of an ID token, besides those of every ID token. */
  readonly idToken?: Json | ((asked: URLSearchParams) => Json);
};

type Grant = Parameters<FakeDefinition['answer']>[0];

const CLIENT = { clientId: 'client', clientSecret: 'secret-with_both-marks' } as const;
const SETTING = { clientId: CLIENT.clientId, clientSecret: CLIENT.clientSecret };

/** The key of Apple's fake, which signs client secrets. */
export const APPLE_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const APPLE_PEM = APPLE_KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const answering =
  (more: Record<string, string> = {}, fragment = '') =>
  ({ code, state, redirectUri }: Grant) => ({
    url: `${redirectUri}?${new URLSearchParams({ code, state, ...more })}${fragment}`,
    form: null,
  });

/** RFC 6749 5.2. */
const standardError = (error: string): Json => ({ $status: 400, error, error_description: 'No.' });

const GITHUB: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://github.com/login/oauth/authorize',
  tokenEndpoint: 'https://github.com/login/oauth/access_token',
  answer: answering({ iss: 'https://github.com/login/oauth' }),
  token: (token) => ({ access_token: token, scope: 'read:user,user:email', token_type: 'bearer' }),
  // GitHub reports every error of the exchange with status 200, and with codes of its own.
  tokenError: (code) => ({
    error: code === 'invalid_grant' ? 'bad_verification_code' : 'incorrect_client_credentials',
    error_description: 'The code passed is incorrect or expired.',
    error_uri: 'https://docs.github.com/apps',
  }),
  rejection: { $status: 401, message: 'Bad credentials' },
  documents: {
    'https://api.github.com/user': {
      login: 'octocat',
      id: 583231,
      node_id: 'MDQ6VXNlcjE=',
      type: 'User',
      name: 'The Octocat',
      email: null,
      bio: null,
    },
    'https://api.github.com/user/emails': [
      { email: 'old@example.com', verified: true, primary: false, visibility: null },
      { email: 'octocat@example.com', verified: true, primary: true, visibility: 'private' },
    ],
  },
};

const DISCORD: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://discord.com/oauth2/authorize',
  tokenEndpoint: 'https://discord.com/api/oauth2/token',
  answer: answering(),
  token: (token) => ({
    access_token: token,
    token_type: 'Bearer',
    expires_in: 604800,
    refresh_token: 'refresh',
    scope: 'identify email',
  }),
  tokenError: standardError,
  rejection: { $status: 401, message: '401: Unauthorized', code: 0 },
  documents: {
    'https://discord.com/api/users/@me': {
      id: '80351110224678912',
      username: 'nelly',
      discriminator: '0',
      global_name: 'Nelly',
      avatar: null,
      verified: true,
      email: 'nelly@example.com',
      flags: 64,
    },
  },
};

const FACEBOOK: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://www.facebook.com/dialog/oauth',
  tokenEndpoint: 'https://graph.facebook.com/oauth/access_token',
  // The fragment has been there since 2011.
  answer: answering({}, '#_=_'),
  token: (token) => ({ access_token: token, token_type: 'bearer', expires_in: 5183944 }),
  tokenError: () => ({
    $status: 400,
    error: { message: 'Invalid verification code', type: 'OAuthException', code: 100 },
  }),
  rejection: { $status: 400, error: { message: 'No.', type: 'OAuthException', code: 190 } },
  documents: {
    'https://graph.facebook.com/me?fields=id,name,email': {
      id: '10158000000000001',
      name: 'Ada Lovelace',
      email: 'ada.facebook@example.com',
    },
  },
};

const LINKEDIN: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://www.linkedin.com/oauth/v2/authorization',
  tokenEndpoint: 'https://www.linkedin.com/oauth/v2/accessToken',
  rejectsVerifier: true,
  answer: answering(),
  // An ID token without nonce, from an issuer that differs from that of the metadata.
  token: (token) => ({
    access_token: token,
    expires_in: 5183999,
    scope: 'email,openid,profile',
    token_type: 'Bearer',
    id_token: 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL3d3dy5saW5rZWRpbi5jb20ifQ.AA',
  }),
  tokenError: standardError,
  rejection: { $status: 401, status: 401, code: 'INVALID_ACCESS_TOKEN', serviceErrorCode: 65600 },
  documents: {
    'https://api.linkedin.com/v2/userinfo': {
      sub: '782bbtaQ',
      name: 'John Doe',
      given_name: 'John',
      family_name: 'Doe',
      locale: { country: 'US', language: 'en' },
      email: 'doe@example.com',
      email_verified: true,
    },
  },
};

const X: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  // The credentials of the Basic header are compared as they are.
  clientAuthentication: 'basic',
  authorizationEndpoint: 'https://x.com/i/oauth2/authorize',
  tokenEndpoint: 'https://api.x.com/2/oauth2/token',
  requiresPkce: true,
  answer: answering(),
  token: (token) => ({
    token_type: 'bearer',
    expires_in: 7200,
    access_token: token,
    scope: 'users.read tweet.read',
  }),
  tokenError: standardError,
  rejection: { $status: 401, title: 'Unauthorized', type: 'about:blank', status: 401 },
  documents: {
    'https://api.x.com/2/users/me': {
      data: { id: '2244994945', name: 'X Dev', username: 'TwitterDev' },
    },
  },
};

const metadataOf = (issuer: string, more: Json) => ({
  [`${issuer}/.well-known/openid-configuration`]: {
    issuer,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    ...more,
  },
});

const openIdToken = (token: string, idToken: string | null, more: Json = {}): Json => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: 3600,
  id_token: idToken,
  ...more,
});

const APPLE: FakeDefinition = {
  ...CLIENT,
  setting: {
    clientId: CLIENT.clientId,
    teamId: 'TEAM123456',
    keyId: 'KEY1234567',
    privateKey: APPLE_PEM,
  },
  clientAuthentication: 'signed',
  authorizationEndpoint: 'https://appleid.apple.com/auth/authorize',
  tokenEndpoint: 'https://appleid.apple.com/auth/token',
  answer: ({ code, state, redirectUri, asked }) => {
    const scopes = asked.get('scope')?.split(' ') ?? [];
    const mode = asked.get('response_mode');
    // Apple shows an error page unless the answer to these scopes is posted.
    if ((scopes.includes('email') || scopes.includes('name')) && mode !== 'form_post') {
      throw new Error('response_mode must be form_post when name or email scope is requested.');
    }
    return { url: redirectUri, form: new URLSearchParams({ state, code }) };
  },
  token: (token, idToken) => openIdToken(token, idToken, { refresh_token: 'refresh' }),
  tokenError: (error) => ({ $status: 400, error }),
  rejection: { $status: 401 },
  documents: {},
  publicDocuments: metadataOf('https://appleid.apple.com', {
    authorization_endpoint: 'https://appleid.apple.com/auth/authorize',
    token_endpoint: 'https://appleid.apple.com/auth/token',
    jwks_uri: 'https://appleid.apple.com/auth/keys',
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    scopes_supported: ['openid', 'email', 'name'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }),
  jwksUri: 'https://appleid.apple.com/auth/keys',
  idToken: {
    iss: 'https://appleid.apple.com',
    sub: '000792.d71059495fa24644b94e4a644e2e3b4a.0638',
    at_hash: 'sOQEniPF5EBkeGjJCjDewA',
    email: 'ada.apple@example.com',
    email_verified: 'true',
    nonce_supported: true,
  },
};

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';

const MICROSOFT: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  tokenEndpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  answer: answering({ session_state: '0b1c' }),
  token: (token, idToken) => openIdToken(token, idToken, { scope: 'openid email profile' }),
  tokenError: standardError,
  rejection: { $status: 401 },
  documents: {},
  publicDocuments: {
    'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration': {
      // The braces stand in Microsoft's own metadata.
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      authorization_endpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
      token_endpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
      jwks_uri: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
      userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    },
  },
  jwksUri: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
  idToken: {
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    tid: TENANT,
    ver: '2.0',
    sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
    oid: '00000000-0000-0000-66f3-3332eca7ea81',
    name: 'Abe Lincoln',
    preferred_username: 'AbeLi@example.com',
    email: 'abe@example.com',
    xms_edov: true,
  },
};

const GITLAB: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'encoded-basic',
  authorizationEndpoint: 'https://gitlab.com/oauth/authorize',
  tokenEndpoint: 'https://gitlab.com/oauth/token',
  answer: answering(),
  token: (token, idToken) => openIdToken(token, idToken, { created_at: 1607635748 }),
  tokenError: standardError,
  rejection: { $status: 401, error: 'invalid_token' },
  documents: {},
  publicDocuments: metadataOf('https://gitlab.com', {
    authorization_endpoint: 'https://gitlab.com/oauth/authorize',
    token_endpoint: 'https://gitlab.com/oauth/token',
    jwks_uri: 'https://gitlab.com/oauth/discovery/keys',
    userinfo_endpoint: 'https://gitlab.com/oauth/userinfo',
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }),
  jwksUri: 'https://gitlab.com/oauth/discovery/keys',
  idToken: {
    iss: 'https://gitlab.com',
    sub: '1234567',
    sub_legacy: 'abc',
    name: 'Sid',
    nickname: 'sid',
    email: 'sid@example.com',
    email_verified: true,
  },
};

const SLACK: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://slack.com/openid/connect/authorize',
  tokenEndpoint: 'https://slack.com/api/openid.connect.token',
  answer: answering(),
  token: (token, idToken) => ({
    ok: true,
    access_token: token,
    token_type: 'Bearer',
    id_token: idToken,
    state: '',
  }),
  // Every answer of Slack has status 200.
  tokenError: (code) => ({ ok: false, error: code === 'invalid_grant' ? 'invalid_code' : code }),
  rejection: { ok: false, error: 'invalid_auth' },
  documents: {},
  publicDocuments: metadataOf('https://slack.com', {
    authorization_endpoint: 'https://slack.com/openid/connect/authorize',
    token_endpoint: 'https://slack.com/api/openid.connect.token',
    userinfo_endpoint: 'https://slack.com/api/openid.connect.userInfo',
    jwks_uri: 'https://slack.com/openid/connect/keys',
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  }),
  jwksUri: 'https://slack.com/openid/connect/keys',
  idToken: {
    iss: 'https://slack.com',
    sub: 'U123ABC456',
    'https://slack.com/user_id': 'U123ABC456',
    'https://slack.com/team_id': 'T123ABC456',
    email: 'krane@example.com',
    email_verified: true,
    date_email_verified: 1622128723,
    name: 'krane',
  },
};

const TWITCH: FakeDefinition = {
  ...CLIENT,
  setting: SETTING,
  clientAuthentication: 'post',
  authorizationEndpoint: 'https://id.twitch.tv/oauth2/authorize',
  tokenEndpoint: 'https://id.twitch.tv/oauth2/token',
  answer: answering({ scope: 'openid user:read:email' }),
  token: (token, idToken) => ({
    access_token: token,
    expires_in: 14272,
    id_token: idToken,
    refresh_token: 'refresh',
    // A list, against RFC 6749 5.1.
    scope: ['openid', 'user:read:email'],
    token_type: 'bearer',
  }),
  tokenError: () => ({ $status: 400, status: 400, message: 'Invalid authorization code' }),
  rejection: { $status: 401, status: 401, message: 'invalid access token' },
  documents: {},
  publicDocuments: metadataOf('https://id.twitch.tv/oauth2', {
    authorization_endpoint: 'https://id.twitch.tv/oauth2/authorize',
    token_endpoint: 'https://id.twitch.tv/oauth2/token',
    userinfo_endpoint: 'https://id.twitch.tv/oauth2/userinfo',
    jwks_uri: 'https://id.twitch.tv/oauth2/keys',
    scopes_supported: ['openid'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }),
  jwksUri: 'https://id.twitch.tv/oauth2/keys',
  // Only the claims that the authorization request asks for.
  idToken: (asked) => ({
    iss: 'https://id.twitch.tv/oauth2',
    azp: CLIENT.clientId,
    sub: '713936733',
    ...(asked.get('claims')?.includes('"email"') && { email: 'streamer@example.com' }),
  }),
};

export const FAKES = {
  github: GITHUB,
  apple: APPLE,
  microsoft: MICROSOFT,
  gitlab: GITLAB,
  discord: DISCORD,
  facebook: FACEBOOK,
  linkedin: LINKEDIN,
  slack: SLACK,
  twitch: TWITCH,
  x: X,
} as const satisfies Readonly<Record<string, FakeDefinition>>;
