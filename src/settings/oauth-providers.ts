import { createPrivateKey } from 'node:crypto';
import * as z from 'zod';
import { errorCode } from '../kernel/errors.ts';
import { PRESET_NAMES, type PresetName, presetOf } from './oauth-presets.ts';
import {
  haveDifferentIds,
  MEMBERS,
  type OAuth2Setting,
  type ProviderSetting,
  rulesOf,
  type SecretSigningKey,
  TENANT,
} from './provider.ts';
import { parseJson, printableText, reading } from './schemas.ts';
import { exposureOf } from './secret-file.ts';
import { readTextFile, TextEncodingError } from './text-file.ts';
import { endpointUrl, issuerUrl } from './urls.ts';

/** An Apple team or key id. */
const appleId = printableText(10).regex(/^[A-Z0-9]{10}$/, 'must be 10 capital letters and digits');

/** Strict, because an unknown member such as `client_secret` is a mistake (OA-12). */
const presetSchema = z
  .strictObject(
    {
      preset: z.enum(PRESET_NAMES, { error: `must be one of ${PRESET_NAMES.join(', ')}` }),
      id: MEMBERS.id.optional(),
      name: MEMBERS.name.optional(),
      clientId: MEMBERS.clientId,
      clientSecret: MEMBERS.clientSecret.optional(),
      teamId: appleId.optional(),
      keyId: appleId.optional(),
      privateKey: z.string({ error: 'must be a text' }).max(4096, 'is too long').optional(),
      privateKeyFile: printableText(4096).optional(),
      issuer: issuerUrl.optional(),
      tenant: printableText(64)
        .regex(/^[A-Za-z0-9.-]+$/, 'must be a tenant’s id, common, organizations or consumers')
        .optional(),
      scopes: MEMBERS.scopes.optional(),
      redirectUris: MEMBERS.redirectUris,
    },
    { error: 'must have preset and clientId, and no unknown member' },
  )
  .transform((given, context): ProviderSetting => {
    const refuse = (rule: string) => {
      context.addIssue({ code: 'custom', message: rule });
      return z.NEVER;
    };
    const clientSecret = secretOf(given, refuse);
    const preset = presetOf(given.preset);
    const { id = given.preset, name = preset.name, clientId, redirectUris } = given;
    const scopes = given.scopes ?? preset.scopes;
    const own = { id, name, clientId, clientSecret, scopes, redirectUris };
    const none = { issParameter: false, allowPrivateAddress: false };
    if (given.tenant !== undefined && given.preset !== 'microsoft') {
      return refuse('tenant is for the preset microsoft only');
    }
    const isFixed = preset.protocol === 'oauth2' || !preset.issuerIsSettable;
    if (given.issuer !== undefined && isFixed) {
      return refuse('issuer is for the preset gitlab only');
    }
    if (preset.protocol === 'oauth2') return { ...preset, ...none, ...own };
    return {
      ...preset,
      ...none,
      ...own,
      ...issuerOf(preset, given),
      usesFormPost: preset.usesFormPost ?? false,
      trustedAudiences: [],
      authorizationParameters: preset.authorizationParameters ?? {},
    };
  });

/** The tenants of Microsoft that stand for many: their ID tokens name the tenant of the person. */
const MANY_TENANTS: readonly string[] = ['common', 'organizations', 'consumers'];

function issuerOf(
  preset: { readonly issuer: string; readonly tenantIssuer?: string },
  { issuer = preset.issuer, tenant }: Pick<Given, 'issuer' | 'tenant'>,
): { readonly issuer: string; readonly tenantIssuer: string | undefined } {
  const { tenantIssuer } = preset;
  if (tenant === undefined || tenantIssuer === undefined) return { issuer, tenantIssuer };
  return {
    issuer: tenantIssuer.replace(TENANT, () => tenant),
    tenantIssuer: MANY_TENANTS.includes(tenant) ? tenantIssuer : undefined,
  };
}

type Given = {
  readonly preset: PresetName;
  readonly clientSecret?: string | undefined;
  readonly teamId?: string | undefined;
  readonly keyId?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly issuer?: string | undefined;
  readonly tenant?: string | undefined;
};

/** The client secret; for Apple, the key that signs one. The key is parsed now, so that a wrong one fails the start. */
function secretOf(given: Given, refuse: (rule: string) => never): string | SecretSigningKey {
  const { clientSecret, teamId, keyId, privateKey, privateKeyFile } = given;
  if (given.preset !== 'apple') {
    if (teamId ?? keyId ?? privateKey ?? privateKeyFile) {
      return refuse('teamId, keyId, privateKey and privateKeyFile are for the preset apple only');
    }
    return clientSecret ?? refuse('must have clientSecret');
  }
  if (clientSecret !== undefined) {
    return refuse('must have no clientSecret: one is made for each exchange from the key');
  }
  const isOne = (privateKey === undefined) !== (privateKeyFile === undefined);
  if (teamId === undefined || keyId === undefined || !isOne) {
    return refuse('must have teamId, keyId and either privateKey or privateKeyFile');
  }
  const text = privateKey ?? readKeyFile(privateKeyFile ?? '', refuse);
  return isP256(text)
    ? { teamId, keyId, privateKey: text }
    : refuse('must have an EC P-256 private key in PEM, as in the .p8 file of Apple');
}

function readKeyFile(path: string, refuse: (rule: string) => never): string {
  try {
    const text = readTextFile(path);
    // Any user who may write the file could choose the key.
    if (exposureOf(path) === 'writable') {
      return refuse('privateKeyFile names a file that every user may write');
    }
    return text;
  } catch (error) {
    if (error instanceof TextEncodingError) {
      return refuse(`privateKeyFile names a file that ${error.message}`);
    }
    return refuse(
      `privateKeyFile names a file that cannot be read (${errorCode(error) ?? 'unknown error'})`,
    );
  }
}

function isP256(pem: string): boolean {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    // The parser's message may quote the key.
    return false;
  }
}

const pointer = printableText(256).regex(
  /^(?:\/(?:[^~/]|~[01])*)+$/,
  'must be a JSON pointer such as /data/id',
);

/** A provider that no preset describes. */
const customSchema = z
  .strictObject(
    {
      id: MEMBERS.id,
      name: MEMBERS.name,
      issuer: issuerUrl,
      clientId: MEMBERS.clientId,
      clientSecret: MEMBERS.clientSecret,
      authorizationEndpoint: endpointUrl,
      tokenEndpoint: endpointUrl,
      userinfoEndpoint: endpointUrl,
      scopes: MEMBERS.scopes.default([]),
      profile: z.strictObject(
        {
          subject: pointer,
          email: pointer.optional(),
          emailVerified: pointer.optional(),
          name: pointer.optional(),
        },
        { error: 'must have the pointer subject, and no unknown member' },
      ),
      emails: z
        .strictObject(
          {
            endpoint: endpointUrl,
            email: pointer,
            verified: z
              .array(pointer, { error: 'must be a list of JSON pointers' })
              .min(1, 'must have a JSON pointer'),
          },
          { error: 'must have endpoint, email and verified, and no unknown member' },
        )
        .optional(),
      redirectUris: MEMBERS.redirectUris,
      issParameter: MEMBERS.flag.default(false),
      tokenAuth: MEMBERS.tokenAuth.default('basic'),
      pkce: MEMBERS.flag.default(true),
      allowPrivateAddress: MEMBERS.flag.default(false),
    },
    {
      error:
        'must have id, name, issuer, clientId, clientSecret, authorizationEndpoint, tokenEndpoint, userinfoEndpoint and profile, and no unknown member',
    },
  )
  .transform(
    ({ profile, ...given }): OAuth2Setting => ({
      ...given,
      protocol: 'oauth2',
      brand: null,
      profile: { ...profile, subjectIsDecimal: false },
    }),
  );

const hasPreset = z.looseObject({ preset: z.unknown() });

/** One of the two forms. A union of schemas would report the broken rules of both. */
const entrySchema = z.unknown().transform((entry, context): ProviderSetting => {
  const isPreset = hasPreset.safeParse(entry).data?.preset !== undefined;
  const result = isPreset ? presetSchema.safeParse(entry) : customSchema.safeParse(entry);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
  return z.NEVER;
});

const providersSchema = z
  .array(entrySchema, { error: 'must be a list of providers' })
  .refine(haveDifferentIds, 'must have different ids');

/** OAUTH_PROVIDERS. A broken rule names the place, such as `[0].clientId`, never the value (CF-1). */
export const oauthProviders: z.ZodType<readonly ProviderSetting[]> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const result = providersSchema.safeParse(parsed.value);
  return result.success ? result.data : refuse(rulesOf(result.error));
});
