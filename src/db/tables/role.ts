import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';
import { users } from './user.ts';

/**
 * A role. `permissions` are the application's own words, which access tokens and the application give a meaning.
 * `adminPermissions` are names of AdminPermission, which the administrators' API checks in this row at each request.
 */
export const roles = pgTable(
  'roles',
  {
    name: text('name').primaryKey(),
    description: text('description'),
    permissions: text('permissions').array().notNull().default([]),
    adminPermissions: text('admin_permissions').array().notNull().default([]),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [check('roles_name', sql`${table.name} ~ '^[a-z0-9][a-z0-9:._-]{0,62}$'`)],
);

/** The roles that people hold. A change of them raises `users.claims_version` in the same transaction (CL-4). */
export const userRoles = pgTable(
  'user_roles',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text('role')
      .notNull()
      .references(() => roles.name, { onDelete: 'cascade' }),
    grantedAt: moment('granted_at').notNull(),
    /** `users.created_at`, which never changes: the members of a role are listed in this order (AD-7). */
    userCreatedAt: moment('user_created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.role] }),
    index('user_roles_members_index').on(table.role, table.userCreatedAt, table.userId),
  ],
);

/** A row of `roles`. */
export type Role = typeof roles.$inferSelect;
