import { fitsInToken } from '../../access-token/custom-claims.ts';
import { type Caller, requireAllOf } from '../../administrator/caller.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { InvalidInputError, NotFoundError } from '../../kernel/errors.ts';
import { namesAndPermissions } from '../../role/held.ts';
import { permissionsOf } from '../../role/permissions.ts';
import { findRoles } from '../../role/store.ts';

/** The names of the roles that a new person has: these, and those of DEFAULT_ROLES. */
export function rolesOnEntering(
  { config }: Pick<Deps, 'config'>,
  roles: readonly string[],
): readonly string[] {
  return [...new Set([...roles, ...config.claims.defaultRoles])];
}

/**
 * Requires that the caller may give these roles to a person who is about to exist. The transaction has locked
 * {@link rolesOnEntering}, all of which count for the size of the claims.
 *
 * @throws NotFoundError for an unknown role; MissingPermissionError if a role carries a permission that the caller lacks
 *   (AD-3); InvalidInputError if the person's access tokens would exceed CLAIMS_MAX_BYTES (CL-3)
 */
export async function requireGivable(
  deps: Pick<Deps, 'config'>,
  tx: Executor,
  caller: Caller,
  given: { readonly roles: readonly string[]; readonly person: User },
): Promise<void> {
  const { roles, person } = given;
  const entering = await run(tx, findRoles(rolesOnEntering(deps, roles)));
  const wanted = entering.filter(({ name }) => roles.includes(name));
  if (wanted.length !== roles.length) throw new NotFoundError();
  requireAllOf(caller, permissionsOf(wanted));
  if (fitsInToken(deps.config, { user: person, roles: namesAndPermissions(entering) })) return;
  throw new InvalidInputError([
    {
      path: ['input'],
      message:
        'With these roles and attributes, the access tokens of the person would exceed CLAIMS_MAX_BYTES.',
    },
  ]);
}
