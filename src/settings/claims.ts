import * as z from 'zod';
import { parseJson, reading } from './schemas.ts';

/** The largest CLAIMS_MAX_BYTES. More could make a token of more than 4,096 bytes, which every verifier refuses. */
export const MOST_CLAIMS_BYTES = 2_400;

/** A claim with variables in it: a text, or a list or an object of templates. */
export type ClaimTemplate =
  | string
  | readonly ClaimTemplate[]
  | { readonly [name: string]: ClaimTemplate };

/** CLAIMS: what each access token says beside the registered claims. */
export type ClaimTemplates = Readonly<Record<string, ClaimTemplate>>;

/** Claims that this server, or a standard that its tokens follow, gives a meaning (RFC 8725 3.12, CL-2). */
export const RESERVED_CLAIMS = [
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'sid', 'client_id', 'auth_time', 'amr'],
  ...['acr', 'epoch', 'claims_version', 'roles', 'act', 'cnf', 'scope', 'typ'],
] as const;

/** Set by CLAIMS_PRESET, and trusted by Hasura and PostgREST. */
const OF_PRESETS = [
  'https://hasura.io/jwt/claims',
  ...['x-hasura-user-id', 'x-hasura-default-role', 'x-hasura-allowed-roles'],
];

const SCALARS = ['id', 'email', 'emailVerified', 'name', 'session.id'];
const LISTS = ['roles', 'permissions'];
const ATTRIBUTE = /^attributes\.[A-Za-z0-9_-]{1,64}$/;
const MOST_CLAIMS = 32;
const DEEPEST = 4;

const Template: z.ZodType<ClaimTemplate> = z.lazy(() =>
  z.union([
    z.string().max(256),
    z.array(Template).max(32),
    z.record(z.string().min(1).max(128), Template),
  ]),
);

/** CLAIMS. A mistake is named by the position of its claim, never by the text (CF-1). */
export const claimTemplates: z.ZodType<ClaimTemplates> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const whole = z.record(z.string().min(1).max(128), Template).safeParse(parsed.value);
  if (!whole.success) return refuse('must be an object: claim name → template');
  const claims = Object.entries(whole.data);
  if (claims.length > MOST_CLAIMS) return refuse(`must have at most ${MOST_CLAIMS} claims`);
  const rules = claims.flatMap(([name, template], index) => {
    const rule = isReserved(name) ? 'has a reserved name' : brokenRule(template, 1);
    return rule === null ? [] : [`claim ${index + 1} ${rule}`];
  });
  return rules.length > 0 ? refuse(rules.join('; ')) : whole.data;
});

function isReserved(name: string): boolean {
  return name === '__proto__' || [...RESERVED_CLAIMS, ...OF_PRESETS].includes(name.toLowerCase());
}

function brokenRule(template: ClaimTemplate, depth: number): string | null {
  if (depth > DEEPEST) return 'is nested too deeply';
  if (typeof template === 'string') return brokenRuleOfText(template);
  const parts: readonly ClaimTemplate[] = Object.values(template);
  return parts.map((part) => brokenRule(part, depth + 1)).find((rule) => rule !== null) ?? null;
}

function brokenRuleOfText(text: string): string | null {
  const variables = [...text.matchAll(/\$([a-zA-Z]*(?:\.[A-Za-z0-9_-]+)?)/g)];
  for (const [, name = ''] of variables) {
    const isKnown = SCALARS.includes(name) || LISTS.includes(name) || ATTRIBUTE.test(name);
    if (!isKnown) return 'has an unknown variable';
    if (LISTS.includes(name) && text !== `$${name}`) return 'has a list inside a text';
  }
  return null;
}

/** The name of a role, as the database accepts it. */
const roleName: z.ZodType<string> = reading((text, refuse) =>
  /^[a-z0-9][a-z0-9:._-]{0,62}$/.test(text)
    ? text
    : refuse('must be the name of a role: 1 to 63 of a to z, 0 to 9, and : . _ -'),
);

/** DEFAULT_ROLES must not make administrators of strangers (AD-3). */
export const registeredRole: z.ZodType<string> = roleName.refine((name) => name !== 'admin', {
  error: 'must not be admin: everybody who registers would administer the server',
});

/** CLAIMS_PRESET. */
export const claimsPreset: z.ZodType<'hasura' | 'postgrest' | null> = reading((text, refuse) =>
  text === 'hasura' || text === 'postgrest'
    ? text
    : text === 'none'
      ? null
      : refuse('must be one of none, hasura, postgrest'),
);
