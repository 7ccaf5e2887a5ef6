import * as z from 'zod';
import { isVisible } from '../kernel/unicode.ts';
import { isPlaceholder } from './placeholder.ts';
import { reading } from './schemas.ts';
import { issuerUrl } from './urls.ts';

const SCOPES: readonly string[] = ['openid', 'email', 'profile'];

/** Google, as any other provider once the issuer is filled in. */
export const GOOGLE = {
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
  },
  { error: 'must have id, name, issuer, clientId, clientSecret, perhaps scopes, and nothing else' },
);

const providersSchema = z
  .array(providerSchema, { error: 'must be a list of providers' })
  .refine(
    (all) => new Set(all.map((one) => one.id)).size === all.length,
    'must have different ids',
  );

/** An OpenID Connect provider as the settings give it. */
export type ProviderSetting = z.output<typeof providerSchema>;

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
