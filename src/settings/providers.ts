import * as z from 'zod';
import { isVisible } from '../kernel/unicode.ts';
import { isPlaceholder } from './placeholder.ts';
import { reading } from './schemas.ts';
import { issuerUrl, redirectUri } from './urls.ts';

const SCOPES: readonly string[] = ['openid', 'email', 'profile'];

/** Google, as any other provider once the issuer is filled in. */
const GOOGLE = {
  id: 'google',
  name: 'Google',
  issuer: 'https://accounts.google.com',
  scopes: SCOPES,
} as const;

const text = (most: number) =>
  z
    .string({ error: 'must be a text' })
    .regex(/^[^\p{C}]+$/u, 'must be a printable text')
    .max(most, 'is too long');

const flag = z.boolean({ error: 'must be true or false' });

/** Strict: `client_secret` for `clientSecret` is a mistake, not an extra (OA-12). */
const providerSchema = z.strictObject(
  {
    id: text(32).regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
    name: text(64).refine(isVisible, 'must have a visible character'),
    issuer: issuerUrl,
    clientId: text(512),
    clientSecret: text(512),
    scopes: z
      .array(text(64).regex(/^\S+$/, 'must have no spaces'), { error: 'must be a list of texts' })
      .refine((scopes) => scopes.includes('openid'), 'must include openid')
      .default([...SCOPES]),
    redirectUris: z
      .array(redirectUri, { error: 'must be a list of redirect URIs' })
      .min(1, 'must have a redirect URI')
      .optional(),
    issParameter: flag.default(false),
  },
  { error: 'must have id, name, issuer, clientId, clientSecret, and nothing that is no setting' },
);

const providersSchema = z
  .array(providerSchema, { error: 'must be a list of providers' })
  .refine(
    (all) => new Set(all.map((one) => one.id)).size === all.length,
    'must have different ids',
  );

/** An OpenID Connect provider as the settings give it. */
export type ProviderSetting = z.output<typeof providerSchema>;

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
      ? [{ ...GOOGLE, scopes: [...SCOPES], clientId, clientSecret, issParameter: false }]
      : [];
  const all = [...google, ...(settings.OIDC_PROVIDERS ?? [])];
  const short = `${APP_URL}/oauth/callback`;
  return all.map((provider) => {
    const own = [`${short}/${provider.id}`, ...(all.length === 1 ? [short] : [])];
    return { ...provider, redirectUris: provider.redirectUris ?? own };
  });
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

/** The parser's own message quotes the text around the mistake, so it is not passed on. */
function parseJson(json: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(json) };
  } catch {
    return null;
  }
}

function place(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.length > 0 ? `${steps.join('')} ` : '';
}
