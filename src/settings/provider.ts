import * as z from 'zod';
import { isVisible } from '../kernel/unicode.ts';
import { printableText } from './schemas.ts';
import { redirectUri } from './urls.ts';

/** What the settings of all providers have in common, whichever protocol a provider speaks. */

/** The brands whose artwork a sign-in page can show. */
export type OAuthBrand =
  | 'APPLE'
  | 'DISCORD'
  | 'FACEBOOK'
  | 'GITHUB'
  | 'GITLAB'
  | 'GOOGLE'
  | 'LINKEDIN'
  | 'MICROSOFT'
  | 'SLACK'
  | 'TWITCH'
  | 'X';

/** The key with which this server signs a client secret for each exchange, as Apple requires (AP-2). */
export type SecretSigningKey = {
  readonly teamId: string;
  readonly keyId: string;
  /** An EC P-256 private key in PKCS #8, as PEM. */
  readonly privateKey: string;
};

/**
 * How a provider takes the client's credentials. `raw-basic` is a Basic header without the encoding of RFC 6749
 * 2.3.1, for providers that compare the credentials as they are.
 */
export type TokenAuth = 'basic' | 'raw-basic' | 'post';

type CommonSetting = {
  readonly id: string;
  readonly name: string;
  readonly brand: OAuthBrand | null;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | SecretSigningKey;
  readonly scopes: readonly string[];
  readonly redirectUris?: readonly string[] | undefined;
  readonly tokenAuth?: TokenAuth | undefined;
  /** False for a provider that rejects a request with a code challenge. */
  readonly pkce: boolean;
  readonly issParameter: boolean;
  readonly allowPrivateAddress: boolean;
};

/**
 * What proves an address of an OpenID Connect provider. `claim`: the boolean `email_verified`. `text`: the boolean
 * or the text "true", which some providers send. `xms_edov`: the claim that the owner of the domain verified the
 * address. `always`: a private provider that sends only verified addresses. `never`: nothing the provider says.
 */
export type EmailVerifiedAs = 'claim' | 'text' | 'xms_edov' | 'always' | 'never';

/** An OpenID Connect provider as a setting describes it. */
export type OpenIdSetting = CommonSetting & {
  readonly protocol: 'openid';
  readonly trustedAudiences: readonly string[];
  readonly emailVerifiedAs: EmailVerifiedAs;
  readonly tenantIssuer?: string | undefined;
  /** True for a provider that answers with a cross-site POST (`response_mode=form_post`). */
  readonly usesFormPost: boolean;
  /** Further parameters of the authorization request. */
  readonly authorizationParameters: Readonly<Record<string, string>>;
};

/** Where a person is described in a JSON document: JSON pointers (RFC 6901). */
export type ProfilePointers = {
  readonly subject: string;
  /** True if the subject must be a decimal number, so that a login or another name never counts as an id (O2-1). */
  readonly subjectIsDecimal: boolean;
  readonly email?: string | undefined;
  /** Points to the boolean that the provider states about this address. Without it, no address is proven. */
  readonly emailVerified?: string | undefined;
  readonly name?: string | undefined;
};

/** A list of addresses with an endpoint of its own. */
export type EmailList = {
  readonly endpoint: string;
  readonly email: string;
  /** All of these must be `true` in the entry of a proven address. */
  readonly verified: readonly string[];
};

/** An OAuth 2.0 provider that is not asked for an ID token, as a setting describes it. */
export type OAuth2Setting = CommonSetting & {
  readonly protocol: 'oauth2';
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly profile: ProfilePointers;
  readonly emails?: EmailList | undefined;
};

/** A provider as a setting describes it. */
export type ProviderSetting = OpenIdSetting | OAuth2Setting;

/** The placeholder for a tenant's id in the issuer of a multi-tenant provider. */
export const TENANT = '{tenantid}';

/** A tenant's id, which becomes part of an issuer. */
export const TENANT_ID = /^[A-Za-z0-9-]{1,64}$/;

/** The schemas of the members that all providers have. */
export const MEMBERS = {
  id: printableText(32).regex(
    /^[a-z0-9][a-z0-9-]*$/,
    'must be lower-case letters, digits and dashes',
  ),
  name: printableText(64).refine(isVisible, 'must have a visible character'),
  clientId: printableText(512),
  clientSecret: printableText(512),
  scopes: z.array(printableText(128).regex(/^\S+$/, 'must have no spaces'), {
    error: 'must be a list of texts',
  }),
  redirectUris: z
    .array(redirectUri, { error: 'must be a list of redirect URIs' })
    .min(1, 'must have a redirect URI')
    .optional(),
  flag: z.boolean({ error: 'must be true or false' }),
  tokenAuth: z.enum(['basic', 'post'], { error: 'must be basic or post' }),
} as const;

/** A rule for a list of providers: their ids differ. */
export function haveDifferentIds(all: readonly { readonly id: string }[]): boolean {
  return new Set(all.map(({ id }) => id)).size === all.length;
}

/** The broken rules of a list, each with its place, such as `[0].issuer`, and never with the value (CF-1). */
export function rulesOf({ issues }: z.ZodError): string {
  return issues.map((issue) => `${place(issue.path)}${issue.message}`).join('; ');
}

function place(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.length > 0 ? `${steps.join('')} ` : '';
}
