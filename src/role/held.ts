import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

import { build, noRows, type Statement } from '../db/statement.ts';
import { roles, userRoles } from '../db/tables/role.ts';
import { users } from '../db/tables/user.ts';
import { ADMIN_ROLE, type AdminPermission } from './permissions.ts';

/** The roles that a person holds, by name, and the application's permissions that they carry. */
export type HeldRoles = {
  readonly names: readonly string[];
  readonly permissions: readonly string[];
};

/** What {@link heldRoles} selects: null for a person without roles. */
export type HeldRolesColumn = readonly (readonly [string, readonly string[]])[] | null;

/**
 * Selects what a person's roles say, in the statement that writes their session: each access token says what the
 * database says when it is issued (CL-1), and issuing costs no round trip of its own.
 */
export function heldRoles(userId: SQLWrapper): SQL<HeldRolesColumn> {
  return sql`(select json_agg(json_build_array(${roles.name}, ${roles.permissions}))
    from ${userRoles} join ${roles} on ${roles.name} = ${userRoles.role}
    where ${userRoles.userId} = ${userId})`;
}

/** Reads the column of {@link heldRoles}. */
export function readHeldRoles(column: HeldRolesColumn): HeldRoles {
  return namesAndPermissions((column ?? []).map(([name, permissions]) => ({ name, permissions })));
}

/** What roles say in an access token: their names, and the permissions of all of them. */
export function namesAndPermissions(
  roles: readonly { readonly name: string; readonly permissions: readonly string[] }[],
): HeldRoles {
  return {
    names: roles.map(({ name }) => name).sort(),
    permissions: [...new Set(roles.flatMap(({ permissions }) => permissions))].sort(),
  };
}

/** True for a person with a role that carries a permission of the administrators' API now (AD-5). */
export function holdsPermission(userId: SQLWrapper, permission: AdminPermission): SQL<boolean> {
  return sql<boolean>`exists (
    select from ${userRoles} join ${roles} on ${roles.name} = ${userRoles.role}
    where ${userRoles.userId} = ${userId} and (
      ${roles.name} = ${sql.raw(`'${ADMIN_ROLE}'`)}
      or ${sql.raw(`'${permission}'`)} = any(${roles.adminPermissions})
    ))`;
}

/**
 * Gives the roles of DEFAULT_ROLES to a person who registers. A role that an administrator removed is skipped, and so is one with
 * permissions of the administrators' API: anybody may register, and nobody has granted them anything (AD-3).
 */
export function giveDefaultRoles(
  userId: string,
  names: readonly string[],
  now: Date,
): readonly Statement<void>[] {
  if (names.length === 0) return [];
  const at = sql`${now.toISOString()}::timestamptz`;
  return [
    noRows(sql`
      insert into ${userRoles} (user_id, role, granted_at, user_created_at)
      select ${users.id}, ${roles.name}, ${at}, ${users.createdAt} from ${users}, ${roles}
      where ${users.id} = ${userId}::uuid
        and ${roles.name} = any(${sql.param([...names])}::text[])
        and ${roles.adminPermissions} = '{}'
      on conflict do nothing`),
  ];
}

/** Makes the roles of DEFAULT_ROLES that do not exist, without permissions. */
export function makeRoles(names: readonly string[], now: Date): Statement<void> {
  const made = names.map((name) => ({ name, createdAt: now, updatedAt: now }));
  return noRows(build.insert(roles).values(made).onConflictDoNothing());
}
