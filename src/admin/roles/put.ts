import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Role } from '../../db/tables/role.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import { ADMIN_ROLE, type AdminPermission, permissionsOf } from '../../role/permissions.ts';
import { lockRoleForUpdate, raiseClaimsVersionOfMembers, updateRole } from '../../role/store.ts';
import { requireAllOf } from '../caller.ts';
import { type AdminRequest, roleTransaction } from '../transaction.ts';

/** The wanted content of a role. */
export type WantedRole = {
  readonly name: string;
  /** Undefined leaves it as it is. */
  readonly description: string | null | undefined;
  readonly permissions: readonly string[];
  /** Undefined leaves them as they are. */
  readonly adminPermissions: readonly AdminPermission[] | undefined;
};

/** The role was created or changed. */
export type RoleSaved = Outcome<'RoleSaved'> & { readonly role: Role };

/**
 * Creates a role or replaces its content. The caller must have every permission of the administrators' API that the role
 * had or gets: its holders have the one and get the other (AD-3). The access tokens of its holders become stale if the
 * application's permissions change (CL-4).
 *
 * @throws InvalidInputError for other permissions of the built-in role, and for any of this API for a role of DEFAULT_ROLES, which
 *   strangers are given (AD-3); NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export async function putRole(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  wanted: WantedRole,
): Promise<RoleSaved> {
  const { name, permissions } = wanted;
  if (name === ADMIN_ROLE && wanted.adminPermissions !== undefined) {
    throw new InvalidInputError([
      {
        path: ['input', 'adminPermissions'],
        message: 'The role admin always has every permission. Leave this out.',
      },
    ]);
  }
  const isDefault = deps.config.claims.defaultRoles.includes(name);
  if (isDefault && wanted.adminPermissions !== undefined && wanted.adminPermissions.length > 0) {
    throw new InvalidInputError([
      {
        path: ['input', 'adminPermissions'],
        message:
          'Everybody who registers is given this role of DEFAULT_ROLES. It cannot have permissions of this API.',
      },
    ]);
  }
  const change = { ...request, role: name, isMade: true };
  return await roleTransaction(deps, change, async (tx, { caller, act }) => {
    const now = deps.clock.now();
    const before = await run(tx, lockRoleForUpdate(name));
    if (!before) throw new TypeError('The role that was inserted is missing.');
    const content = {
      description: wanted.description === undefined ? before.description : wanted.description,
      permissions: [...permissions].sort(),
      adminPermissions: [...new Set(wanted.adminPermissions ?? before.adminPermissions)],
      updatedAt: now,
    };
    requireAllOf(caller, permissionsOf([before, { name, ...content }]));
    const role = await run(tx, updateRole(name, content));
    if (!role) throw new TypeError('The locked role is missing.');
    if (!isSame(before.permissions, content.permissions))
      await run(tx, raiseClaimsVersionOfMembers(name));
    const detail = {
      role: name,
      permissions: content.permissions.join(' '),
      adminPermissions: content.adminPermissions.join(' '),
    };
    await run(
      tx,
      recordAudit({ ...deps, act }, { type: 'ROLE_SAVED', userId: null, client: null, detail }),
    );
    return { kind: 'RoleSaved', role };
  });
}

/** True for lists with the same names. Both are sorted and have no repetitions. */
function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}
