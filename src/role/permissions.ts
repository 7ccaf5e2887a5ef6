/** Every permission of the administrators' API, with the description of its enum value. */
export const ADMIN_PERMISSIONS = {
  USERS_READ: 'Find people and read everything about them except their events.',
  USERS_WRITE:
    'Create, change, disable and enable accounts, help with sign-ins, and remove factors.',
  USERS_DELETE: 'Delete accounts.',
  USERS_IMPORT: 'Import accounts from another system.',
  USERS_EXPORT: 'Export all data of a person.',
  USERS_IMPERSONATE: 'Act as another person.',
  SESSIONS_REVOKE: 'End sessions of people.',
  ROLES_WRITE: 'Define roles, and give them to people.',
  EVENTS_READ: 'Read the audit log.',
  WEBHOOKS_READ: 'Read webhooks and their deliveries.',
  WEBHOOKS_WRITE: 'Change webhooks, and deliver events again.',
  TOKENS_WRITE: 'Read, create and revoke admin tokens.',
  STATISTICS_READ: 'Read statistics, the attention list and settings without secrets.',
  REVOCATIONS_READ: 'Read the feed of revoked sessions.',
} as const;

/** The name of a permission of the administrators' API. */
export type AdminPermission = keyof typeof ADMIN_PERMISSIONS;

/** The names, in the order of the enum. */
export const ADMIN_PERMISSION_NAMES: readonly AdminPermission[] =
  Object.keys(ADMIN_PERMISSIONS).filter(isAdminPermission);

/** True for the name of a permission that this release knows. */
export function isAdminPermission(name: string): name is AdminPermission {
  return Object.hasOwn(ADMIN_PERMISSIONS, name);
}

/**
 * The built-in role. It has every permission of the release that is running, so an update needs no change of its row.
 * Only an operator can create the first holder, with `latchkey admins grant` (LG-9).
 */
export const ADMIN_ROLE = 'admin';

/** The permissions that roles carry together. Names that this release does not know give nothing. */
export function permissionsOf(
  roles: readonly { readonly name: string; readonly adminPermissions: readonly string[] }[],
): ReadonlySet<AdminPermission> {
  if (roles.some(({ name }) => name === ADMIN_ROLE)) return new Set(ADMIN_PERMISSION_NAMES);
  return new Set(roles.flatMap((role) => role.adminPermissions.filter(isAdminPermission)));
}
