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
  readonly clientAuthentication: 'post' | 'basic' | 'signed';
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
  readonly idToken?: Json;
};

type Grant = Parameters<FakeDefinition['answer']>[0];

const CLIENT = { clientId: 'client', clientSecret: 'secret-with_both-marks' } as const;
const SETTING = { clientId: CLIENT.clientId, clientSecret: CLIENT.clientSecret };

/** The key of Apple's fake, which signs client secrets. */
export const APPLE_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });

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

export const FAKES = {
  github: GITHUB,
  discord: DISCORD,
  facebook: FACEBOOK,
  linkedin: LINKEDIN,
  x: X,
} as const satisfies Readonly<Record<string, FakeDefinition>>;
