import { and, asc, eq, inArray, or, sql } from 'drizzle-orm';
import { build, firstRow, map, noRows, rowCount, rows, type Statement } from '../db/statement.ts';
import { type Role, roles, userRoles } from '../db/tables/role.ts';
import { type User, users } from '../db/tables/user.ts';

/** The roles that a person holds, by name. */
export function rolesOfUser(userId: string): Statement<readonly Role[]> {
  return map(
    rows(
      build
        .select({ role: roles })
        .from(userRoles)
        .innerJoin(roles, eq(roles.name, userRoles.role))
        .where(eq(userRoles.userId, userId))
        .orderBy(asc(roles.name)),
    ),
    (found) => found.map(({ role }) => role),
  );
}

/** Every role, by name. */
export function listRoles(): Statement<readonly Role[]> {
  return rows(build.select().from(roles).orderBy(asc(roles.name)));
}

/** Those of these roles that exist, locked so that nobody removes them before the transaction ends. */
export function lockRolesForShare(names: readonly string[]): Statement<readonly Role[]> {
  return rows(
    build
      .select()
      .from(roles)
      .where(inArray(roles.name, [...names]))
      .orderBy(asc(roles.name))
      .for('key share'),
  );
}

/**
 * Locks the roles that a person holds, in the order of their names, so that their content stays until the transaction ends.
 *
 * @param changed a role that the transaction changes: it and those of the person are locked against every other act,
 *   in one order for everybody
 */
export function lockRolesOfUser(userId: string, changed?: string): Statement<readonly Role[]> {
  const held = build
    .select({ role: userRoles.role })
    .from(userRoles)
    .where(eq(userRoles.userId, userId));
  const isHeld = inArray(roles.name, held);
  return rows(
    build
      .select()
      .from(roles)
      .where(changed === undefined ? isHeld : or(isHeld, eq(roles.name, changed)))
      .orderBy(asc(roles.name))
      .for(changed === undefined ? 'key share' : 'update'),
  );
}

/** The number of people who hold a role. */
export function countMembers(role: string): Statement<number> {
  const counted = build
    .select({ n: sql<number>`count(*)::int` })
    .from(userRoles)
    .where(eq(userRoles.role, role));
  return map(firstRow(counted), (row) => row?.n ?? 0);
}

/** Locks a role until the transaction ends, so that of two changes the second sees what the first left. */
export function lockRoleForUpdate(name: string): Statement<Role | null> {
  return firstRow(build.select().from(roles).where(eq(roles.name, name)).for('update'));
}

/** Makes a role unless there is one of that name, for a transaction that then locks it. */
export function insertRole(role: { readonly name: string; readonly now: Date }): Statement<void> {
  const { name, now } = role;
  return noRows(
    build.insert(roles).values({ name, createdAt: now, updatedAt: now }).onConflictDoNothing(),
  );
}

/** Replaces the content of a role. */
export function updateRole(
  name: string,
  change: Pick<Role, 'description' | 'permissions' | 'adminPermissions' | 'updatedAt'>,
): Statement<Role | null> {
  return firstRow(build.update(roles).set(change).where(eq(roles.name, name)).returning());
}

/** Removes a role and, by cascade, takes it from everybody who holds it. */
export function deleteRole(name: string): Statement<void> {
  return noRows(build.delete(roles).where(eq(roles.name, name)));
}

/** Gives roles to a person; those that they hold already stay. The names must exist. */
export function insertUserRoles(
  user: Pick<User, 'id' | 'createdAt'>,
  names: readonly string[],
  now: Date,
): Statement<number> {
  const { id: userId, createdAt: userCreatedAt } = user;
  const given = names.map((role) => ({ userId, role, grantedAt: now, userCreatedAt }));
  return rowCount(build.insert(userRoles).values(given).onConflictDoNothing());
}

/** Takes roles from a person. */
export function deleteUserRoles(userId: string, names: readonly string[]): Statement<number> {
  return rowCount(
    build
      .delete(userRoles)
      .where(and(eq(userRoles.userId, userId), inArray(userRoles.role, [...names]))),
  );
}

/** Raises the version of a person's claims. Run it in the transaction that changes them (CL-4). */
export function raiseClaimsVersion(userId: string): Statement<void> {
  return noRows(
    build
      .update(users)
      .set({ claimsVersion: sql`${users.claimsVersion} + 1` })
      .where(eq(users.id, userId)),
  );
}

/** The same for everybody who holds a role whose content changes. */
export function raiseClaimsVersionOfMembers(role: string): Statement<void> {
  const members = build
    .select({ userId: userRoles.userId })
    .from(userRoles)
    .where(eq(userRoles.role, role));
  return noRows(
    build
      .update(users)
      .set({ claimsVersion: sql`${users.claimsVersion} + 1` })
      .where(inArray(users.id, members)),
  );
}
