import type {
  EmailList,
  EmailVerifiedAs,
  OAuthBrand,
  ProfilePointers,
  TokenAuth,
} from './provider.ts';
import { TENANT } from './provider.ts';

/**
 * What this server knows of well-known providers, from their documentation. docs/providers.md describes each for
 * operators. A change of an issuer would orphan everybody who is linked to it.
 */

type CommonPreset = {
  readonly name: string;
  readonly brand: OAuthBrand;
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly tokenAuth: TokenAuth;
  readonly pkce: boolean;
};

type OpenIdPreset = CommonPreset & {
  readonly protocol: 'openid';
  readonly emailVerifiedAs: EmailVerifiedAs;
  readonly tenantIssuer?: string;
  readonly usesFormPost?: true;
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** Installations of one's own exist, each with its own issuer. */
  readonly issuerIsSettable?: true;
};

type OAuth2Preset = CommonPreset & {
  readonly protocol: 'oauth2';
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly profile: ProfilePointers;
  readonly emails?: EmailList;
};

/** The presets of OAUTH_PROVIDERS. */
export const OAUTH_PRESETS = {
  github: {
    protocol: 'oauth2',
    name: 'GitHub',
    brand: 'GITHUB',
    // As GitHub names itself in `iss` (RFC 9207), which it has sent since April 2026.
    issuer: 'https://github.com/login/oauth',
    authorizationEndpoint: 'https://github.com/login/oauth/authorize',
    tokenEndpoint: 'https://github.com/login/oauth/access_token',
    userinfoEndpoint: 'https://api.github.com/user',
    scopes: ['read:user', 'user:email'],
    tokenAuth: 'post',
    pkce: true,
    profile: { subject: '/id', subjectIsDecimal: true, name: '/name' },
    // The address of the profile is null if it is private, and says nothing about its verification. In the list,
    // `primary` may be unverified.
    emails: {
      endpoint: 'https://api.github.com/user/emails',
      email: '/email',
      verified: ['/verified', '/primary'],
    },
  },
  apple: {
    protocol: 'openid',
    name: 'Apple',
    brand: 'APPLE',
    issuer: 'https://appleid.apple.com',
    scopes: ['openid', 'email', 'name'],
    tokenAuth: 'post',
    pkce: false,
    // Apple sends the boolean, and has sent the text "true".
    emailVerifiedAs: 'text',
    // Required for the scopes `email` and `name`.
    usesFormPost: true,
  },
  microsoft: {
    protocol: 'openid',
    name: 'Microsoft',
    brand: 'MICROSOFT',
    issuer: 'https://login.microsoftonline.com/common/v2.0',
    tenantIssuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    scopes: ['openid', 'email', 'profile'],
    tokenAuth: 'post',
    pkce: true,
    // An administrator of any tenant can give a person any address, so the claim `email` alone proves nothing.
    emailVerifiedAs: 'xms_edov',
  },
  gitlab: {
    protocol: 'openid',
    name: 'GitLab',
    brand: 'GITLAB',
    issuer: 'https://gitlab.com',
    scopes: ['openid', 'email', 'profile'],
    tokenAuth: 'basic',
    pkce: true,
    emailVerifiedAs: 'claim',
    issuerIsSettable: true,
  },
  discord: {
    protocol: 'oauth2',
    name: 'Discord',
    brand: 'DISCORD',
    issuer: 'https://discord.com',
    authorizationEndpoint: 'https://discord.com/oauth2/authorize',
    tokenEndpoint: 'https://discord.com/api/oauth2/token',
    userinfoEndpoint: 'https://discord.com/api/users/@me',
    scopes: ['identify', 'email'],
    tokenAuth: 'post',
    pkce: true,
    profile: {
      subject: '/id',
      subjectIsDecimal: true,
      email: '/email',
      emailVerified: '/verified',
      name: '/global_name',
    },
  },
  facebook: {
    protocol: 'oauth2',
    name: 'Facebook',
    brand: 'FACEBOOK',
    issuer: 'https://www.facebook.com',
    authorizationEndpoint: 'https://www.facebook.com/dialog/oauth',
    tokenEndpoint: 'https://graph.facebook.com/oauth/access_token',
    userinfoEndpoint: 'https://graph.facebook.com/me?fields=id,name,email',
    scopes: ['public_profile', 'email'],
    tokenAuth: 'post',
    pkce: true,
    profile: { subject: '/id', subjectIsDecimal: true, email: '/email', name: '/name' },
  },
  linkedin: {
    // LinkedIn's ID tokens contain no nonce, so they are not used.
    protocol: 'oauth2',
    name: 'LinkedIn',
    brand: 'LINKEDIN',
    issuer: 'https://www.linkedin.com/oauth',
    authorizationEndpoint: 'https://www.linkedin.com/oauth/v2/authorization',
    tokenEndpoint: 'https://www.linkedin.com/oauth/v2/accessToken',
    userinfoEndpoint: 'https://api.linkedin.com/v2/userinfo',
    scopes: ['openid', 'profile', 'email'],
    tokenAuth: 'post',
    // A web client's exchange with a verifier ends with `invalid_client`.
    pkce: false,
    profile: { subject: '/sub', subjectIsDecimal: false, email: '/email', name: '/name' },
  },
  slack: {
    protocol: 'openid',
    name: 'Slack',
    brand: 'SLACK',
    issuer: 'https://slack.com',
    scopes: ['openid', 'email', 'profile'],
    tokenAuth: 'post',
    pkce: false,
    // The administrators of a workspace decide about its members' addresses.
    emailVerifiedAs: 'never',
  },
  twitch: {
    protocol: 'openid',
    name: 'Twitch',
    brand: 'TWITCH',
    issuer: 'https://id.twitch.tv/oauth2',
    scopes: ['openid', 'user:read:email'],
    tokenAuth: 'post',
    pkce: false,
    emailVerifiedAs: 'never',
    // Twitch leaves out a claim that is not asked for.
    authorizationParameters: { claims: '{"id_token":{"email":null}}' },
  },
  x: {
    protocol: 'oauth2',
    name: 'X',
    brand: 'X',
    issuer: 'https://x.com',
    authorizationEndpoint: 'https://x.com/i/oauth2/authorize',
    tokenEndpoint: 'https://api.x.com/2/oauth2/token',
    userinfoEndpoint: 'https://api.x.com/2/users/me',
    scopes: ['users.read', 'tweet.read'],
    tokenAuth: 'raw-basic',
    pkce: true,
    profile: { subject: '/data/id', subjectIsDecimal: true, name: '/data/name' },
  },
} as const satisfies Readonly<Record<string, OpenIdPreset | OAuth2Preset>>;

/** The name of a preset. */
export type PresetName = keyof typeof OAUTH_PRESETS;

/** The names of all presets. */
export const PRESET_NAMES = Object.keys(OAUTH_PRESETS) as [PresetName, ...PresetName[]];

/** A preset as the settings read it. */
export function presetOf(name: PresetName): OpenIdPreset | OAuth2Preset {
  return OAUTH_PRESETS[name];
}

const ORIGINS = new Map<string, OAuthBrand>([
  ['https://accounts.google.com', 'GOOGLE'],
  ...Object.values(OAUTH_PRESETS).map(({ issuer, brand }) => [originOf(issuer), brand] as const),
]);

/** The brand of an issuer that this server knows by its origin, so that every tenant of Microsoft has its mark. */
export function brandOf(issuer: string): OAuthBrand | null {
  return ORIGINS.get(originOf(issuer)) ?? null;
}

function originOf(issuer: string): string {
  return new URL(issuer).origin;
}
