import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { ADMIN_ROLE, permissionsOf } from '../../role/permissions.ts';
import { deleteRole, lockRoleForUpdate, raiseClaimsVersionOfMembers } from '../../role/store.ts';
import { requireAllOf } from '../caller.ts';
import { type AdminRequest, roleTransaction } from '../transaction.ts';

/** The role is gone, from everybody who held it. */
export type RoleRemoved = Outcome<'RoleRemoved'> & { readonly name: string };

/**
 * Removes a role from everybody who holds it, and then itself.
 *
 * @throws ConflictError for the built-in role and for those of DEFAULT_ROLES, which the next start would make again; NotFoundError, NotAuthenticatedError, MissingPermissionError,
 *   StepUpRequiredError
 */
export async function removeRole(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  name: string,
): Promise<RoleRemoved> {
  const isDefault = deps.config.claims.defaultRoles.includes(name);
  const change = { ...request, role: name, isMade: false };
  return await roleTransaction(deps, change, async (tx, { caller, act }) => {
    // The lock comes first: a grant of the role that has begun commits before its holders are counted, and a later one
    // finds no role.
    const role = await run(tx, lockRoleForUpdate(name));
    if (name === ADMIN_ROLE || isDefault) throw new ConflictError();
    if (!role) throw new NotFoundError();
    requireAllOf(caller, permissionsOf([role]));
    await run(tx, raiseClaimsVersionOfMembers(name));
    await run(tx, deleteRole(name));
    const detail = { role: name };
    await run(
      tx,
      recordAudit({ ...deps, act }, { type: 'ROLE_REMOVED', userId: null, client: null, detail }),
    );
    return { kind: 'RoleRemoved', name };
  });
}
