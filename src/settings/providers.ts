import * as z from 'zod';
import { isVisible } from '../kernel/unicode.ts';
import { isPlaceholder } from './placeholder.ts';
import { parseJson, printableText, reading } from './schemas.ts';
import { issuerUrl, redirectUri } from './urls.ts';

const SCOPES: readonly string[] = ['openid', 'email', 'profile'];

/** Google: a provider like any other, with a known issuer. */
const GOOGLE = {
  id: 'google',
  name: 'Google',
  issuer: 'https://accounts.google.com',
  scopes: SCOPES,
} as const;

/**
 * How a provider proves an address. `claim`: by the boolean `email_verified`. `text`: by the boolean or
 * the text "true", which some providers send. `xms_edov`: by the claim that the owner of the domain
 * verified the address. `always`: a private provider that sends only verified addresses.
 */
const EMAIL_VERIFIED_AS = ['claim', 'text', 'xms_edov', 'always'] as const;

/** The placeholder for a tenant's id in the issuer of a multi-tenant provider. */
export const TENANT = '{tenantid}';

/** A tenant's id, which becomes part of an issuer. */
export const TENANT_ID = /^[A-Za-z0-9-]{1,64}$/;

function isTenantIssuer(tenantIssuer: string, issuer: string): boolean {
  const segments = new URL(tenantIssuer).pathname.split('/').map(decodeURIComponent);
  const isOnce = tenantIssuer.split(TENANT).length === 2 && segments.includes(TENANT);
  return isOnce && new URL(tenantIssuer).origin === new URL(issuer).origin;
}

const flag = z.boolean({ error: 'must be true or false' });

/** Strict, because an unknown member such as `client_secret` is a mistake (OA-12). */
const providerSchema = z
  .strictObject(
    {
      id: printableText(32).regex(
        /^[a-z0-9][a-z0-9-]*$/,
        'must be lower-case letters, digits and dashes',
      ),
      name: printableText(64).refine(isVisible, 'must have a visible character'),
      issuer: issuerUrl,
      clientId: printableText(512),
      clientSecret: printableText(512),
      scopes: z
        .array(printableText(64).regex(/^\S+$/, 'must have no spaces'), {
          error: 'must be a list of texts',
        })
        .refine((scopes) => scopes.includes('openid'), 'must include openid')
        .default([...SCOPES]),
      redirectUris: z
        .array(redirectUri, { error: 'must be a list of redirect URIs' })
        .min(1, 'must have a redirect URI')
        .optional(),
      issParameter: flag.default(false),
      tokenAuth: z.enum(['basic', 'post'], { error: 'must be basic or post' }).optional(),
      trustedAudiences: z
        .array(printableText(512), { error: 'must be a list of texts' })
        .default([]),
      emailVerifiedAs: z
        .enum(EMAIL_VERIFIED_AS, { error: `must be one of ${EMAIL_VERIFIED_AS.join(', ')}` })
        .default('claim'),
      allowPrivateAddress: flag.default(false),
      tenantIssuer: issuerUrl.optional(),
    },
    { error: 'must have id, name, issuer, clientId and clientSecret, and no unknown member' },
  )
  .refine(
    ({ issuer, tenantIssuer, issParameter }) =>
      tenantIssuer === undefined || (isTenantIssuer(tenantIssuer, issuer) && !issParameter),
    'tenantIssuer must be of the issuer’s own origin, have {tenantid} as one of its path’s segments, and stand without issParameter',
  );

const providersSchema = z
  .array(providerSchema, { error: 'must be a list of providers' })
  .refine(
    (all) => new Set(all.map((one) => one.id)).size === all.length,
    'must have different ids',
  );

/** An OpenID Connect provider as the setting describes it. */
export type ProviderSetting = z.output<typeof providerSchema>;

/** The defaults of a provider's options. */
const NO_OPTIONS = {
  issParameter: false,
  emailVerifiedAs: 'claim',
  allowPrivateAddress: false,
} as const;

/** A provider with its defaults filled in from the other settings. */
export type Provider = ProviderSetting & { readonly redirectUris: readonly string[] };

/** The settings that the list of providers is made from, as far as they could be read. */
type ProviderSettings = {
  readonly APP_URL?: string | undefined;
  readonly GOOGLE_CLIENT_ID?: string | null | undefined;
  readonly GOOGLE_CLIENT_SECRET?: string | null | undefined;
  readonly OIDC_PROVIDERS?: readonly ProviderSetting[] | undefined;
};

/**
 * Every provider that people can sign in with. By default each has its own redirect URI, so that the
 * URI at which a code arrives identifies the provider (OA-4). A single provider also has the short URI.
 */
export function allProviders(settings: ProviderSettings): readonly Provider[] {
  const { APP_URL, GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = settings;
  const google: ProviderSetting[] =
    typeof clientId === 'string' && typeof clientSecret === 'string'
      ? [
          {
            ...GOOGLE,
            scopes: [...SCOPES],
            clientId,
            clientSecret,
            ...NO_OPTIONS,
            trustedAudiences: [],
          },
        ]
      : [];
  const all = [...google, ...(settings.OIDC_PROVIDERS ?? [])];
  const short = `${APP_URL}/oauth/callback`;
  return all.map((provider) => {
    const own = [`${short}/${provider.id}`, ...(all.length === 1 ? [short] : [])];
    return { ...provider, redirectUris: provider.redirectUris ?? own };
  });
}

/** True if a provider answers for an issuer: its own issuer, or that of one of its tenants. */
export function isIssuerOf(
  { issuer, tenantIssuer }: Pick<Provider, 'issuer' | 'tenantIssuer'>,
  claimed: string,
): boolean {
  if (tenantIssuer === undefined) return claimed === issuer;
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
export const oidcProviders: z.ZodType<readonly ProviderSetting[]> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const result = providersSchema.safeParse(parsed.value);
  if (result.success) return result.data;
  return refuse(
    result.error.issues.map((issue) => `${place(issue.path)}${issue.message}`).join('; '),
  );
});

/** The rule for production: no client secret copied from an example (CF-1). */
export function placeholderSecretRule(providers: readonly ProviderSetting[]): string | null {
  const index = providers.findIndex((provider) => isPlaceholder(provider.clientSecret));
  return index < 0 ? null : `[${index}].clientSecret is a placeholder`;
}

function place(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.length > 0 ? `${steps.join('')} ` : '';
}
