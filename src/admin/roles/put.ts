import { requireAllOf } from '../../administrator/caller.ts';
import { recordAudit } from '../../audit/record.ts';
import { run } from '../../db/executor.ts';
import type { Role } from '../../db/tables/role.ts';
import type { Deps } from '../../deps.ts';
import type { Outcome } from '../../graphql/result.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import { ADMIN_ROLE, type AdminPermission, permissionsOf } from '../../role/permissions.ts';
import { updateRole } from '../../role/store.ts';
import { type AdminRequest, roleTransaction } from '../transaction.ts';
import {
  exceedsMostMembers,
  fitsMembers,
  lockMembersFor,
  MOST_MEMBERS,
  noteChange,
} from './members.ts';

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
 * had or gets: its holders have the one and get the other. If its permissions change, the caller must have those that its
 * holders have by other roles, too (AD-3). The access tokens of its holders become stale if the application's permissions
 * change (CL-4).
 *
 * @throws InvalidInputError if the access token of a holder would exceed CLAIMS_MAX_BYTES (CL-3); for other permissions of this
 *   API if more than 1,000 people hold the role; for other permissions of the built-in role, and for any of this API for a role of DEFAULT_ROLES, which
 *   strangers are given (AD-3); NotAuthenticatedError, MissingPermissionError, StepUpRequiredError
 */
export async function putRole(
  deps: Pick<Deps, 'db' | 'clock' | 'random' | 'config'>,
  request: AdminRequest,
  wanted: WantedRole,
): Promise<RoleSaved> {
  const { name, permissions } = wanted;
  if (name === ADMIN_ROLE && wanted.adminPermissions !== undefined) {
    throw refused(
      'adminPermissions',
      'The role admin always has every permission. Leave this out.',
    );
  }
  const isDefault = deps.config.claims.defaultRoles.includes(name);
  if (isDefault && wanted.adminPermissions !== undefined && wanted.adminPermissions.length > 0) {
    throw refused(
      'adminPermissions',
      'Everybody who registers is given this role of DEFAULT_ROLES. It cannot have permissions of this API.',
    );
  }
  const change = { ...request, role: name, isMade: true };
  return await roleTransaction(deps, change, async (tx, { caller, act, before }) => {
    if (!before) throw new TypeError('The role that was inserted is missing.');
    const content = {
      description: wanted.description === undefined ? before.description : wanted.description,
      permissions: [...permissions].sort(),
      adminPermissions: [...new Set(wanted.adminPermissions ?? before.adminPermissions)],
      updatedAt: deps.clock.now(),
    };
    requireAllOf(caller, permissionsOf([before, { name, ...content }]));
    const gained = content.permissions.filter((wanted) => !before.permissions.includes(wanted));
    const isInClaims =
      gained.length > 0 || content.permissions.length !== before.permissions.length;
    const isOfAdministration =
      new Set(content.adminPermissions).symmetricDifference(new Set(before.adminPermissions)).size >
      0;
    const isFelt = isInClaims || isOfAdministration;
    if (isOfAdministration && (await exceedsMostMembers(tx, name))) {
      throw refused('adminPermissions', TOO_MANY);
    }
    const members = isFelt ? await lockMembersFor(caller, tx, name) : 0;
    const role = await run(tx, updateRole(name, content));
    if (!role) throw new TypeError('The locked role is missing.');
    if (members > 0 && gained.length > 0 && !(await fitsMembers(deps, tx, name))) {
      throw refused('permissions', TOO_LARGE);
    }
    const acting = { ...deps, act };
    await noteChange(acting, tx, { role: name, members, isInClaims, detail: { changed: name } });
    const detail = {
      role: name,
      permissions: content.permissions.join(' '),
      adminPermissions: content.adminPermissions.join(' '),
    };
    await run(tx, recordAudit(acting, { type: 'ROLE_SAVED', userId: null, client: null, detail }));
    return { kind: 'RoleSaved', role };
  });
}

const TOO_LARGE =
  'With these permissions, the access token of somebody who holds the role would exceed CLAIMS_MAX_BYTES.';

const TOO_MANY = `More than ${MOST_MEMBERS.toLocaleString('en-US')} people hold the role. Put these permissions into another role.`;

function refused(field: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path: ['input', field], message }]);
}
