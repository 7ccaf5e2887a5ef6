import * as z from 'zod';
import { brandOf } from './oauth-presets.ts';
import { isPlaceholder } from './placeholder.ts';
import {
  haveDifferentIds,
  MEMBERS,
  type OpenIdSetting,
  type ProviderSetting,
  rulesOf,
  TENANT,
  TENANT_ID,
} from './provider.ts';
import { parseJson, printableText, reading } from './schemas.ts';
import { issuerUrl } from './urls.ts';

const SCOPES: readonly string[] = ['openid', 'email', 'profile'];

const EMAIL_VERIFIED_AS = ['claim', 'text', 'xms_edov', 'always', 'never'] as const;

function isTenantIssuer(tenantIssuer: string, issuer: string): boolean {
  const segments = new URL(tenantIssuer).pathname.split('/').map(decodeURIComponent);
  const isOnce = tenantIssuer.split(TENANT).length === 2 && segments.includes(TENANT);
  return isOnce && new URL(tenantIssuer).origin === new URL(issuer).origin;
}

/** What OIDC_PROVIDERS cannot change of a provider. */
const PLAIN_OPENID = {
  protocol: 'openid',
  pkce: true,
  usesFormPost: false,
  authorizationParameters: {},
} as const;

/** Strict, because an unknown member such as `client_secret` is a mistake (OA-12). */
const providerSchema = z
  .strictObject(
    {
      id: MEMBERS.id,
      name: MEMBERS.name,
      issuer: issuerUrl,
      clientId: MEMBERS.clientId,
      clientSecret: MEMBERS.clientSecret,
      scopes: MEMBERS.scopes
        .refine((scopes) => scopes.includes('openid'), 'must include openid')
        .default([...SCOPES]),
      redirectUris: MEMBERS.redirectUris,
      issParameter: MEMBERS.flag.default(false),
      tokenAuth: MEMBERS.tokenAuth.optional(),
      trustedAudiences: z
        .array(printableText(512), { error: 'must be a list of texts' })
        .default([]),
      emailVerifiedAs: z
        .enum(EMAIL_VERIFIED_AS, { error: `must be one of ${EMAIL_VERIFIED_AS.join(', ')}` })
        .default('claim'),
      allowPrivateAddress: MEMBERS.flag.default(false),
      tenantIssuer: issuerUrl.optional(),
    },
    { error: 'must have id, name, issuer, clientId and clientSecret, and no unknown member' },
  )
  .refine(
    ({ issuer, tenantIssuer, issParameter }) =>
      tenantIssuer === undefined || (isTenantIssuer(tenantIssuer, issuer) && !issParameter),
    'tenantIssuer must be of the issuer’s own origin, have {tenantid} as one of its path’s segments, and stand without issParameter',
  )
  .transform(
    (given): OpenIdSetting => ({ ...PLAIN_OPENID, brand: brandOf(given.issuer), ...given }),
  );

const providersSchema = z
  .array(providerSchema, { error: 'must be a list of providers' })
  .refine(haveDifferentIds, 'must have different ids');

/** A provider with its defaults filled in from the other settings. */
export type Provider = ProviderSetting & {
  readonly redirectUris: readonly string[];
  /** Where the provider posts its answer to; null if it sends the browser to a redirect URI. */
  readonly formPostUri: string | null;
};

/** The settings that the list of providers is made from, as far as they could be read. */
type ProviderSettings = {
  readonly PUBLIC_URL?: string | undefined;
  readonly APP_URL?: string | undefined;
  readonly GOOGLE_CLIENT_ID?: string | null | undefined;
  readonly GOOGLE_CLIENT_SECRET?: string | null | undefined;
  readonly OIDC_PROVIDERS?: readonly ProviderSetting[] | undefined;
  readonly OAUTH_PROVIDERS?: readonly ProviderSetting[] | undefined;
};

/**
 * Every provider that people can sign in with. By default each has its own redirect URI, so that the
 * URI at which a code arrives identifies the provider (OA-4). A single provider also has the short URI.
 */
export function allProviders(settings: ProviderSettings): readonly Provider[] {
  const { APP_URL, PUBLIC_URL, OIDC_PROVIDERS = [], OAUTH_PROVIDERS = [] } = settings;
  const all = [...google(settings), ...OIDC_PROVIDERS, ...OAUTH_PROVIDERS];
  const short = `${APP_URL}/oauth/callback`;
  return all.map((provider) => {
    const own = [`${short}/${provider.id}`, ...(all.length === 1 ? [short] : [])];
    const posts = provider.protocol === 'openid' && provider.usesFormPost;
    return {
      ...provider,
      redirectUris: provider.redirectUris ?? own,
      formPostUri: posts ? `${PUBLIC_URL}${FORM_POST_PATH}${provider.id}` : null,
    };
  });
}

/** The path of the route to which a provider posts its answer, before the id of the provider. */
export const FORM_POST_PATH = '/oauth/form-post/';

/** Google: a provider like any other, with a known issuer. */
function google(settings: ProviderSettings): readonly OpenIdSetting[] {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = settings;
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string') return [];
  return [
    {
      ...PLAIN_OPENID,
      id: 'google',
      name: 'Google',
      brand: 'GOOGLE',
      issuer: 'https://accounts.google.com',
      scopes: SCOPES,
      clientId,
      clientSecret,
      issParameter: false,
      emailVerifiedAs: 'claim',
      allowPrivateAddress: false,
      trustedAudiences: [],
    },
  ];
}

/** True if a provider answers for an issuer: its own issuer, or that of one of its tenants. */
export function isIssuerOf(provider: Provider, claimed: string): boolean {
  const tenantIssuer = provider.protocol === 'openid' ? provider.tenantIssuer : undefined;
  if (tenantIssuer === undefined) return claimed === provider.issuer;
  const [before = '', after = ''] = tenantIssuer.split(TENANT);
  const tenant = claimed.slice(before.length, claimed.length - after.length);
  return TENANT_ID.test(tenant) && claimed === before + tenant + after;
}

/**
 * True if one provider could pass another provider's code off as its own: they share a redirect URI,
 * and their answers need not name the issuer (RFC 9700 4.4, RFC 9207).
 */
export function canBeMixedUp(providers: readonly Provider[]): boolean {
  return providers.some((one, index) =>
    providers
      .slice(index + 1)
      .some(
        (other) =>
          one.id !== other.id &&
          one.redirectUris.some((uri) => other.redirectUris.includes(uri)) &&
          !(one.issParameter && other.issParameter),
      ),
  );
}

/** OIDC_PROVIDERS. A broken rule names the place, such as `[0].issuer`, never the value. */
export const oidcProviders: z.ZodType<readonly OpenIdSetting[]> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const result = providersSchema.safeParse(parsed.value);
  return result.success ? result.data : refuse(rulesOf(result.error));
});

/** The rule for production: no client secret copied from an example (CF-1). */
export function placeholderSecretRule(providers: readonly ProviderSetting[]): string | null {
  const index = providers.findIndex(
    ({ clientSecret }) => typeof clientSecret === 'string' && isPlaceholder(clientSecret),
  );
  return index < 0 ? null : `[${index}].clientSecret is a placeholder`;
}
