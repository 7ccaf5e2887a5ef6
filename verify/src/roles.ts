import type { AccessTokenClaims } from './claims.ts';

/** The person lacks a role or a permission, or is not the one who asks. Answer 403: a new token would not help (RFC 9110 15.5.4). */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError';

  constructor() {
    super('The access token does not carry what this needs.');
  }
}

/**
 * Checks that the person has a role.
 *
 * @throws ForbiddenError without it
 */
export function requireRole(claims: Pick<AccessTokenClaims, 'roles'>, role: string): void {
  if (!claims.roles.includes(role)) throw new ForbiddenError();
}

/**
 * Checks that one of the person's roles carries a permission. Tokens carry permissions if the issuer is started
 * with `CLAIMS={"permissions":"$permissions"}`.
 *
 * @param claim the name that CLAIMS gives them
 * @throws ForbiddenError without it, and if the token carries no list of that name
 */
export function requirePermission(
  claims: Pick<AccessTokenClaims, 'custom'>,
  permission: string,
  claim = 'permissions',
): void {
  const carried = Object.hasOwn(claims.custom, claim) ? claims.custom[claim] : null;
  if (!Array.isArray(carried) || !carried.includes(permission)) throw new ForbiddenError();
}

/**
 * Checks that the person asks, and not an administrator who acts as the person. Call it before what only the person may do:
 * order, sign, delete, change where messages go. Latchkey itself lets such a session change nothing.
 *
 * @throws ForbiddenError if an administrator acts as the person
 */
export function requireNotImpersonated(claims: Pick<AccessTokenClaims, 'impersonatedBy'>): void {
  if (claims.impersonatedBy !== null) throw new ForbiddenError();
}

/**
 * The custom claims with their types, read by the schema of your choice.
 *
 * @param parse returns the typed claims or throws: `(json) => Claims.parse(json)` with zod
 */
export function customClaims<T>(
  claims: Pick<AccessTokenClaims, 'custom'>,
  parse: (json: unknown) => T,
): T {
  return parse(claims.custom);
}
