import { fitsInToken } from '../../access-token/custom-claims.ts';
import { type Executor, run } from '../../db/executor.ts';
import type { User } from '../../db/tables/user.ts';
import type { Deps } from '../../deps.ts';
import { InvalidInputError, NotFoundError } from '../../kernel/errors.ts';
import { namesAndPermissions } from '../../role/held.ts';
import { permissionsOf } from '../../role/permissions.ts';
import { lockRoles } from '../../role/store.ts';
import { type Caller, requireAllOf } from '../caller.ts';

/**
 * Requires that the caller may give these roles to a person who is about to exist, and locks the roles until the
 * transaction ends. Whoever enters has the roles of DEFAULT_ROLES as well, so they count for the size of the claims.
 *
 * @throws NotFoundError for an unknown role; MissingPermissionError if a role carries a permission that the caller lacks
 *   (AD-3); InvalidInputError if the person's access tokens would exceed CLAIMS_MAX_BYTES (CL-3)
 */
export async function requireGivable(
  { config }: Pick<Deps, 'config'>,
  tx: Executor,
  caller: Caller,
  given: { readonly roles: readonly string[]; readonly person: User },
): Promise<void> {
  const { roles, person } = given;
  const names = [...new Set([...roles, ...config.claims.defaultRoles])];
  const locked = await run(tx, lockRoles({ heldBy: [], names, for: 'share' }));
  const wanted = locked.filter(({ name }) => roles.includes(name));
  if (wanted.length !== roles.length) throw new NotFoundError();
  requireAllOf(caller, permissionsOf(wanted));
  if (fitsInToken(config, { user: person, roles: namesAndPermissions(locked) })) return;
  throw new InvalidInputError([
    {
      path: ['input'],
      message:
        'With these roles and attributes, the access tokens of the person would exceed CLAIMS_MAX_BYTES.',
    },
  ]);
}
