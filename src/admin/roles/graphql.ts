import { previewClaims } from '../../access-token/custom-claims.ts';
import { run } from '../../db/executor.ts';
import type { Role } from '../../db/tables/role.ts';
import { idRule } from '../../graphql/inputs.ts';
import { resultUnion } from '../../graphql/result.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { namesAndPermissions } from '../../role/held.ts';
import { permissionsOf } from '../../role/permissions.ts';
import { countMembersOf, listRoles, rolesOfUsers } from '../../role/store.ts';
import { adminRequest } from '../context.ts';
import { batched } from '../graphql/batch.ts';
import { builder, readable, writable } from '../graphql/builder.ts';
import { AdminPermissionType, everyone } from '../graphql/errors.ts';
import { descriptionRule, permissionsRule, roleNameRule, roleNamesRule } from '../inputs.ts';
import { AdminUserType } from '../users/graphql.ts';
import { putRole, type RoleSaved } from './put.ts';
import { type RoleRemoved, removeRole } from './remove.ts';
import { type RolesSet, setRoles } from './set.ts';

const membersOf = batched(countMembersOf);

const RoleType = builder.objectRef<Role>('Role').implement({
  description: 'A role that people hold.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name, which is unique and never changes.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the role is for.',
    }),
    permissions: t.exposeStringList('permissions', {
      description: 'The application’s own permissions. They mean nothing to Latchkey.',
    }),
    adminPermissions: t.field({
      type: [AdminPermissionType],
      description: 'The permissions of this API. The built-in role `admin` always has all of them.',
      resolve: (role) => [...permissionsOf([role])],
    }),
    members: t.int({
      description: 'The number of people who hold the role.',
      resolve: async ({ name }, _args, context) => (await membersOf(context, name)) ?? 0,
    }),
  }),
});

const rolesOf = batched(rolesOfUsers);

builder.objectField(AdminUserType, 'roles', (t) =>
  t.field({
    type: [RoleType],
    description: 'The roles that the person holds, by name.',
    resolve: async ({ id }, _args, context) => [...((await rolesOf(context, id)) ?? [])],
  }),
);

builder.objectField(AdminUserType, 'claimsPreview', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: 'JSONObject',
    description:
      'What an access token issued now would say besides the registered claims: `roles`, if the person has any, and the claims of CLAIMS and CLAIMS_PRESET. `$session.id` is `preview`, because there is no session.',
    resolve: async (user, _args, context) => {
      const roles = namesAndPermissions((await rolesOf(context, user.id)) ?? []);
      return previewClaims(context.deps.config, { user, roles });
    },
  }),
);

builder.queryField('roles', (t) =>
  t.field({
    ...readable('USERS_READ'),
    type: [RoleType],
    description: 'Every role, by name.',
    resolve: async (_root, _args, { deps }) => [...(await run(deps.db, listRoles()))],
  }),
);

const RolesSetType = builder.objectRef<RolesSet>('RolesSet').implement({
  description: 'The person holds exactly the requested roles.',
  fields: (t) => ({
    user: t.field({
      type: AdminUserType,
      description: 'The person, with the new roles.',
      resolve: ({ user }) => user,
    }),
  }),
});

const SetRolesInput = builder.inputType('SetRolesInput', {
  description: 'The person, the requested roles, and the roles that were read before.',
  fields: (t) => ({
    userId: t.id({
      required: true,
      description: 'The person’s id.',
      validate: { schema: idRule },
    }),
    roles: t.stringList({
      required: true,
      description: 'The names of all roles that the person is to hold.',
      validate: { schema: roleNamesRule },
    }),
    expected: t.stringList({
      required: true,
      description:
        'The names that the person held when you read them, in any order. If they changed since, the result is ConflictError.',
      validate: { schema: roleNamesRule },
    }),
  }),
});

builder.mutationField('setRoles', (t) =>
  t.errorUnionField({
    ...writable('ROLES_WRITE'),
    description:
      'Replace the roles of a person. The caller must have every permission of this API that the person has or gets. Without USERS_READ, select only `id` and `roles` of the person: any other field is a top-level error with the code FORBIDDEN, although the roles are set.',
    types: [RolesSetType, ConflictError, NotFoundError, ...everyone],
    union: resultUnion('setRoles'),
    args: {
      input: t.arg({ type: SetRolesInput, required: true, description: 'The change.' }),
    },
    resolve: async (_root, { input }, context) =>
      await setRoles(context.deps, await adminRequest(context, 'ROLES_WRITE'), input),
  }),
);

const RoleSavedType = builder.objectRef<RoleSaved>('RoleSaved').implement({
  description: 'The role was created or changed.',
  fields: (t) => ({
    role: t.field({
      type: RoleType,
      description: 'The role as it is now.',
      resolve: ({ role }) => role,
    }),
  }),
});

const PutRoleInput = builder.inputType('PutRoleInput', {
  description: 'The content of a role.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'The name: 1 to 63 of a-z, 0-9, colon, dot, underscore and dash. It begins with a letter or digit.',
      validate: { schema: roleNameRule },
    }),
    description: t.string({
      description:
        'The purpose of the role. Null removes the description; omitting it keeps the current one.',
      validate: { schema: descriptionRule },
    }),
    permissions: t.stringList({
      required: true,
      description:
        'All of the application’s own permissions: at most 100, each 1 to 128 characters of a-z, 0-9, colon, dot, underscore and dash.',
      validate: { schema: permissionsRule },
    }),
    adminPermissions: t.field({
      type: [AdminPermissionType],
      description:
        'The permissions of this API, which replace the current ones. The caller must have each of them. The built-in role `admin` and the roles of DEFAULT_ROLES take none. Omitting them leaves them as they are.',
    }),
  }),
});

builder.mutationField('putRole', (t) =>
  t.errorUnionField({
    ...writable('ROLES_WRITE'),
    description:
      'Create a role, or replace the content of one. If permissions change, the caller must have every permission of this API that a holder of the role has.',
    types: [RoleSavedType, ...everyone],
    union: resultUnion('putRole'),
    args: { input: t.arg({ type: PutRoleInput, required: true, description: 'The role.' }) },
    resolve: async (_root, { input }, context) => {
      const { name, description, permissions, adminPermissions } = input;
      const wanted = {
        ...{ name, description, permissions },
        adminPermissions: adminPermissions ?? undefined,
      };
      return await putRole(context.deps, await adminRequest(context, 'ROLES_WRITE'), wanted);
    },
  }),
);

const RoleRemovedType = builder.objectRef<RoleRemoved>('RoleRemoved').implement({
  description: 'The role was removed, from everybody who held it.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'The name that it had.' }) }),
});

const RemoveRoleInput = builder.inputType('RemoveRoleInput', {
  description: 'The role to remove.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The name of the role.',
      validate: { schema: roleNameRule },
    }),
  }),
});

builder.mutationField('removeRole', (t) =>
  t.errorUnionField({
    ...writable('ROLES_WRITE'),
    description:
      'Remove a role, and take it from everybody who holds it. The caller must have every permission of this API that one of them has. The built-in role `admin`, the roles of DEFAULT_ROLES and a role that more than 1,000 people hold cannot be removed: ConflictError.',
    types: [RoleRemovedType, ConflictError, NotFoundError, ...everyone],
    union: resultUnion('removeRole'),
    args: { input: t.arg({ type: RemoveRoleInput, required: true, description: 'The role.' }) },
    resolve: async (_root, { input }, context) =>
      await removeRole(context.deps, await adminRequest(context, 'ROLES_WRITE'), input.name),
  }),
);
