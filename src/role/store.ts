import { and, asc, eq, inArray, or, sql } from 'drizzle-orm';
import { columnsOf, withColumn } from '../db/selection.ts';
import {
  build,
  firstRow,
  hotStatement,
  map,
  noRows,
  rowCount,
  rows,
  type Statement,
} from '../db/statement.ts';
import { type Role, roles, userRoles } from '../db/tables/role.ts';
import { type User, users } from '../db/tables/user.ts';
import { type HeldRoles, heldRoles, readHeldRoles } from './held.ts';
import { ADMIN_ROLE } from './permissions.ts';

/** The roles that a person holds, by name. */
export function rolesOfUser(userId: string): Statement<readonly Role[]> {
  return map(grantedRolesOfUser(userId), (granted) => granted.map(({ role }) => role));
}

/** The roles that a person holds, by name, and when each was given. */
export function grantedRolesOfUser(
  userId: string,
): Statement<readonly { readonly role: Role; readonly grantedAt: Date }[]> {
  return rows(
    build
      .select({ role: roles, grantedAt: userRoles.grantedAt })
      .from(userRoles)
      .innerJoin(roles, eq(roles.name, userRoles.role))
      .where(eq(userRoles.userId, userId))
      .orderBy(asc(roles.name)),
  );
}

/** The roles of these people, by name. */
export function rolesOfUsers(
  userIds: readonly string[],
): Statement<ReadonlyMap<string, readonly Role[]>> {
  return map(selectRolesOfMany({ userIds }), (found) => {
    const roles = new Map<string, Role[]>();
    for (const { userId, ...role } of found)
      roles.set(userId, [...(roles.get(userId) ?? []), role]);
    return roles;
  });
}

const ROLE_OF_USER = withColumn(columnsOf(roles), sql`${userRoles.userId}`, (role, userId) => ({
  ...role,
  userId: userId as string,
}));

const selectRolesOfMany = hotStatement<{ userIds: readonly string[] }, Role & { userId: string }>(
  (value) => sql`
    select ${ROLE_OF_USER.columns}
    from ${userRoles} join ${roles} on ${roles.name} = ${userRoles.role}
    where ${userRoles.userId} = any(${value('userIds')}::uuid[]) order by ${roles.name}`,
  ROLE_OF_USER,
);

/** Every role, by name. */
export function listRoles(): Statement<readonly Role[]> {
  return rows(build.select().from(roles).orderBy(asc(roles.name)));
}

/** Those of these roles that exist. */
export function findRoles(names: readonly string[]): Statement<readonly Role[]> {
  return rows(
    build
      .select()
      .from(roles)
      .where(inArray(roles.name, [...names])),
  );
}

/**
 * Locks roles until the transaction ends, in the order of their names: those that these people hold, and those with these
 * names. Every transaction locks roles before people, and all the roles that it needs at once. Two transactions then
 * never wait for each other.
 *
 * @param wanted.for `share` so that nobody changes or removes the roles; `update` to change one, against every other act
 * @returns the locked roles, by name
 */
export function lockRoles(wanted: {
  readonly heldBy: readonly string[];
  readonly names: readonly string[];
  readonly for: 'share' | 'update';
}): Statement<readonly Role[]> {
  const held = build
    .select({ role: userRoles.role })
    .from(userRoles)
    .where(inArray(userRoles.userId, [...wanted.heldBy]));
  return rows(
    build
      .select()
      .from(roles)
      .where(or(inArray(roles.name, held), inArray(roles.name, [...wanted.names])))
      .orderBy(asc(roles.name))
      .for(wanted.for === 'update' ? 'update' : 'key share'),
  );
}

/** The number of people who hold each of these roles, by name. A role that nobody holds is not there. */
export function countMembersOf(names: readonly string[]): Statement<ReadonlyMap<string, number>> {
  const counted = build
    .select({ role: userRoles.role, n: sql<number>`count(*)::int` })
    .from(userRoles)
    .where(inArray(userRoles.role, [...names]))
    .groupBy(userRoles.role);
  return map(rows(counted), (found) => new Map(found.map(({ role, n }) => [role, n])));
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

/** Gives a role that a person holds once more, as of now. @returns the number of roles that they hold of that name */
export function renewUserRole(userId: string, role: string, now: Date): Statement<number> {
  return rowCount(
    build
      .update(userRoles)
      .set({ grantedAt: now })
      .where(and(eq(userRoles.userId, userId), eq(userRoles.role, role))),
  );
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

/** Counts the people who hold a role, up to a number. */
export function countMembersUpTo(role: string, most: number): Statement<number> {
  const members = build
    .select({ one: sql`1`.as('one') })
    .from(userRoles)
    .where(eq(userRoles.role, role))
    .limit(most)
    .as('members');
  const counted = build.select({ n: sql<number>`count(*)::int` }).from(members);
  return map(firstRow(counted), (row) => row?.n ?? 0);
}

/** Locks everybody who holds a role, in the order of their ids. @returns how many they are */
export function lockMembers(role: string): Statement<number> {
  const members = sql`select ${users.id} from ${users}
    where ${users.id} in (select ${userRoles.userId} from ${userRoles} where ${userRoles.role} = ${role})
    order by ${users.id} for no key update`;
  const counted = sql<{
    readonly n: number;
  }>`select count(*)::int as n from (${members}) as members`;
  return map(firstRow(counted), (row) => row?.n ?? 0);
}

/** The ids of everybody who holds a role. */
export function memberIds(role: string): Statement<readonly string[]> {
  const found = build
    .select({ id: userRoles.userId })
    .from(userRoles)
    .where(eq(userRoles.role, role));
  return map(rows(found), (members) => members.map(({ id }) => id));
}

/** Raises the version of the claims of everybody who holds a role whose content changes. */
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

/**
 * The roles with permissions of the administrators' API that the holders of a role have, that role among them. Such
 * roles have few holders, so the statement starts with them.
 */
export function administrationOfMembers(role: string): Statement<readonly Role[]> {
  const other = sql`exists (
    select from ${userRoles} as other
    join ${userRoles} as held on held.user_id = other.user_id and held.role = ${role}
    where other.role = ${roles.name})`;
  return rows(
    build
      .select()
      .from(roles)
      .where(and(or(eq(roles.name, ADMIN_ROLE), sql`${roles.adminPermissions} <> '{}'`), other)),
  );
}

/** A holder of a role, with what an access token says about them. */
export type ClaimsOfMember = {
  readonly user: Pick<
    User,
    'id' | 'email' | 'emailVerifiedAt' | 'name' | 'attributes' | 'createdAt'
  >;
  readonly roles: HeldRoles;
};

/** A page of the holders of a role, oldest account first, with all that they hold. */
export function claimsOfMembers(page: {
  readonly role: string;
  readonly after: Pick<User, 'id' | 'createdAt'> | null;
  readonly limit: number;
}): Statement<readonly ClaimsOfMember[]> {
  const { role, after, limit } = page;
  const key = sql`(${userRoles.userCreatedAt}, ${userRoles.userId})`;
  const isLater =
    after && sql`${key} > (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`;
  const { id, email, emailVerifiedAt, name, attributes, createdAt } = users;
  const found = build
    .select({
      user: { id, email, emailVerifiedAt, name, attributes, createdAt },
      held: heldRoles(sql`${users.id}`),
    })
    .from(userRoles)
    .innerJoin(users, eq(users.id, userRoles.userId))
    .where(and(eq(userRoles.role, role), isLater ?? undefined))
    .orderBy(asc(userRoles.userCreatedAt), asc(userRoles.userId))
    .limit(limit);
  return map(rows(found), (members) =>
    members.map(({ user, held }) => ({ user, roles: readHeldRoles(held) })),
  );
}
