import * as z from 'zod';
import { isVisible } from '../kernel/unicode.ts';
import { isPlaceholder } from './placeholder.ts';
import { parseJson, printableText, reading } from './schemas.ts';
import { issuerUrl, redirectUri } from './urls.ts';

const SCOPES: readonly string[] = ['openid', 'email', 'profile'];

/** Google, as any other provider once the issuer is filled in. */
const GOOGLE = {
  id: 'google',
  name: 'Google',
  issuer: 'https://accounts.google.com',
  scopes: SCOPES,
} as const;

/**
 * What proves an address: the boolean `email_verified` (`claim`); the boolean or the text "true"
 * (`text`), as some providers write it; `xms_edov`, which says that the owner of the domain verified it;
 * nothing (`always`), for a provider of one's own that tells no address it has not proven.
 */
const EMAIL_VERIFIED_AS = ['claim', 'text', 'xms_edov', 'always'] as const;

/** In place of a tenant's id in the issuer of a provider with many tenants. */
export const TENANT = '{tenantid}';

/** A tenant's id, which becomes part of an issuer. */
export const TENANT_ID = /^[A-Za-z0-9-]{1,64}$/;

function isTenantIssuer(tenantIssuer: string, issuer: string): boolean {
  const segments = new URL(tenantIssuer).pathname.split('/').map(decodeURIComponent);
  const isOnce = tenantIssuer.split(TENANT).length === 2 && segments.includes(TENANT);
  return isOnce && new URL(tenantIssuer).origin === new URL(issuer).origin;
}

const flag = z.boolean({ error: 'must be true or false' });

/** Strict: `client_secret` for `clientSecret` is a mistake, not an extra (OA-12). */
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
    { error: 'must have id, name, issuer, clientId, clientSecret, and nothing that is no setting' },
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

/** An OpenID Connect provider as the settings give it. */
export type ProviderSetting = z.output<typeof providerSchema>;

/** What a provider is without a word about it. */
const NO_OPTIONS = {
  issParameter: false,
  emailVerifiedAs: 'claim',
  allowPrivateAddress: false,
} as const;

/** A provider with what was left out filled in from the other settings. */
export type Provider = ProviderSetting & { readonly redirectUris: readonly string[] };

/** The settings that make up the list of providers, as far as they could be read. */
type ProviderSettings = {
  readonly APP_URL?: string | undefined;
  readonly GOOGLE_CLIENT_ID?: string | null | undefined;
  readonly GOOGLE_CLIENT_SECRET?: string | null | undefined;
  readonly OIDC_PROVIDERS?: readonly ProviderSetting[] | undefined;
};

/**
 * Every provider people can sign in with. By default each has a redirect URI of its own, so that the
 * URI a code arrives at says which provider it is of (OA-4). A single provider has the short one, too.
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

/** True for an issuer whose ID tokens this provider stands for: its own, or one of its tenants'. */
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
 * True if one provider could pass another's code off as its own: they share a redirect URI, and the
 * answer does not have to say whose it is (RFC 9700 4.4, RFC 9207).
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

/** OIDC_PROVIDERS. What breaks a rule is named by its place, `[0].issuer`, never by its value. */
export const oidcProviders: z.ZodType<readonly ProviderSetting[]> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const result = providersSchema.safeParse(parsed.value);
  if (result.success) return result.data;
  return refuse(
    result.error.issues.map((issue) => `${place(issue.path)}${issue.message}`).join('; '),
  );
});

/** The production rule: a client secret copied from an example (CF-1). */
export function placeholderSecretRule(providers: readonly ProviderSetting[]): string | null {
  const index = providers.findIndex((provider) => isPlaceholder(provider.clientSecret));
  return index < 0 ? null : `[${index}].clientSecret is a placeholder`;
}

function place(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.length > 0 ? `${steps.join('')} ` : '';
}
