import type { Config } from '../config.ts';
import type { User } from '../db/tables/user.ts';
import type { HeldRoles } from '../role/held.ts';
import { type ClaimTemplate, MOST_CLAIMS_BYTES } from '../settings/claims.ts';

/** Whose claims are made. */
export type ClaimsOf = {
  readonly user: Pick<User, 'id' | 'email' | 'emailVerifiedAt' | 'name' | 'attributes'>;
  readonly roles: HeldRoles;
  readonly sessionId: string;
};

type Claims = Readonly<Record<string, unknown>>;
type ClaimsConfig = Pick<Config, 'claims'>;

/** Where Hasura looks for its claims (hasura.io, "Spec for the custom claims"). */
const HASURA_NAMESPACE = 'https://hasura.io/jwt/claims';

/**
 * The claims of an access token beside the registered ones: those of CLAIMS, and those of CLAIMS_PRESET. A claim
 * that is nothing but a variable without a value is left out; in a list or object, that part is. Inside a longer
 * text the variable becomes empty.
 */
export function customClaims({ claims: config }: ClaimsConfig, of: ClaimsOf): Claims {
  const own: Record<string, unknown> = {};
  const hasura: Record<string, string> = {};
  for (const [name, template] of Object.entries(config.templates)) {
    const value = fill(template, of);
    if (value === null) continue;
    if (config.preset === 'hasura' && name.startsWith('x-hasura-')) hasura[name] = asText(value);
    else own[name] = value;
  }
  const role = defaultRole(config.defaultRoles, of.roles.names);
  if (role === null || config.preset === null) return own;
  if (config.preset === 'postgrest') return { ...own, role };
  return {
    ...own,
    [HASURA_NAMESPACE]: {
      ...hasura,
      'x-hasura-user-id': of.user.id,
      'x-hasura-default-role': role,
      'x-hasura-allowed-roles': of.roles.names,
    },
  };
}

/** The first of DEFAULT_ROLES that the person holds, otherwise the first by name; null without a role (CL-5). */
function defaultRole(defaults: readonly string[], held: readonly string[]): string | null {
  return defaults.find((name) => held.includes(name)) ?? held[0] ?? null;
}

/**
 * True if the claims that roles and attributes cause fit into CLAIMS_MAX_BYTES. Ask this when they are written:
 * a sign-in never fails because of them (CL-3).
 */
export function fitsInToken(config: ClaimsConfig, of: Omit<ClaimsOf, 'sessionId'>): boolean {
  const custom = customClaims(config, { ...of, sessionId: of.user.id });
  return sizeOf({ roles: of.roles.names, custom }) <= config.claims.maxBytes;
}

/** The part of a token's claims that roles and CLAIMS decide. */
export type ClaimsOfRoles = { readonly roles: readonly string[]; readonly custom: Claims };

/**
 * The claims of a token that is issued now. What was written fits; but somebody may have changed CLAIMS since. Then the
 * token is without what does not fit, so that the sign-in succeeds (CL-3): without the claims of CLAIMS, and if the names of
 * the roles alone are too many, without them. A service that grants access by a claim does not find it, and refuses.
 */
export function claimsThatFit(config: ClaimsConfig, of: ClaimsOf): ClaimsOfRoles {
  const roles = of.roles.names;
  const candidates: readonly ClaimsOfRoles[] = [
    { roles, custom: customClaims(config, of) },
    { roles, custom: {} },
  ];
  return (
    candidates.find((claims) => sizeOf(claims) <= MOST_CLAIMS_BYTES) ?? { roles: [], custom: {} }
  );
}

function sizeOf({ roles, custom }: ClaimsOfRoles): number {
  return Buffer.byteLength(JSON.stringify({ roles, ...custom }));
}

/** True if the size of a token depends on the permissions that roles carry: CLAIMS names them. */
export function namesPermissions({ claims }: ClaimsConfig): boolean {
  return /\$permissions\b/.test(JSON.stringify(claims.templates));
}

/** The claims that a token would have now, for somebody who has no session at hand. */
export function previewClaims(config: ClaimsConfig, of: Omit<ClaimsOf, 'sessionId'>): Claims {
  const { roles, custom } = claimsThatFit(config, { ...of, sessionId: 'preview' });
  return { ...(roles.length > 0 && { roles }), ...custom };
}

function fill(template: ClaimTemplate, of: ClaimsOf): unknown {
  if (typeof template === 'string') return fillText(template, of);
  if (Array.isArray(template)) {
    return template.map((part) => fill(part, of)).filter((part) => part !== null);
  }
  const filled = Object.entries(template).map(([name, part]) => [name, fill(part, of)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== null));
}

const VARIABLE = /\$([a-zA-Z]+(?:\.[A-Za-z0-9_-]+)?)/g;

/** A text that is one variable has its value, with its type. Any other text has the variables filled in. */
function fillText(text: string, of: ClaimsOf): unknown {
  const [whole] = text.match(VARIABLE) ?? [];
  if (whole === text) return lookUp(whole.slice(1), of);
  return text.replace(VARIABLE, (_, name: string) => asText(lookUp(name, of) ?? ''));
}

function lookUp(variable: string, { user, roles, sessionId }: ClaimsOf): unknown {
  if (variable.startsWith('attributes.')) {
    const name = variable.slice('attributes.'.length);
    return Object.hasOwn(user.attributes, name) ? user.attributes[name] : null;
  }
  const values: Readonly<Record<string, unknown>> = {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAt !== null,
    name: user.name,
    roles: roles.names,
    permissions: roles.permissions,
    'session.id': sessionId,
  };
  return values[variable] ?? null;
}

/** Text as it is, a list as a Postgres array literal, anything else as JSON. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? arrayLiteral(value) : JSON.stringify(value);
}

/**
 * A Postgres array literal with every element quoted: `{`, `,`, spaces and the word NULL have no meaning inside
 * quotes, and a quote or a backslash is escaped (PostgreSQL manual, 8.15.6).
 */
function arrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) =>
    value === null ? 'NULL' : `"${asText(value).replace(/["\\]/g, '\\$&')}"`,
  );
  return `{${elements.join(',')}}`;
}
