import { requireAllOf } from '../../administrator/caller.ts';
import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { ADMIN_ROLE, permissionsOf } from '../../role/permissions.ts';
import { deleteRole } from '../../role/store.ts';
import { type AdminRequest, roleTransaction } from '../transaction.ts';
import { exceedsMostMembers, lockMembersFor, noteChange } from './members.ts';

/** The role is gone, from everybody who held it. */
export type RoleRemoved = Outcome<'RoleRemoved'> & { readonly name: string };

/**
 * Removes a role from everybody who holds it, and then itself. Each of them gets the event of their roles (AD-6).
 *
 * @throws ConflictError for the built-in role, for those of DEFAULT_ROLES, which the next start would make again, and for a
 *   role that more than 1,000 people hold; MissingPermissionError if the role or one of its holders has a permission that
 *   the caller lacks (AD-3); NotFoundError, NotAuthenticatedError, StepUpRequiredError
 */
export async function removeRole(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  name: string,
): Promise<RoleRemoved> {
  const isDefault = deps.config.claims.defaultRoles.includes(name);
  const change = { ...request, role: name, isMade: false };
  return await roleTransaction(deps, change, async (tx, { caller, act, before }) => {
    if (name === ADMIN_ROLE || isDefault) throw new ConflictError();
    if (!before) throw new NotFoundError();
    requireAllOf(caller, permissionsOf([before]));
    if (await exceedsMostMembers(tx, name)) throw new ConflictError();
    const members = await lockMembersFor(caller, tx, name);
    const acting = { ...deps, act };
    const detail = { removed: name };
    await noteChange(acting, tx, { role: name, members, isInClaims: true, detail });
    await run(tx, deleteRole(name));
    await run(
      tx,
      recordAudit(acting, {
        type: 'ROLE_REMOVED',
        userId: null,
        client: null,
        detail: { role: name },
      }),
    );
    return { kind: 'RoleRemoved', name };
  });
}
