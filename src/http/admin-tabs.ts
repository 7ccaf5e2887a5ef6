import { type Step, type Tab, tabsOf } from './graphiql-tabs.ts';

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Every operation of the administrators' API, as a first session tries them (test/admin/graphiql.test.ts). */
const STEPS: readonly Step[] = [
  {
    about: 'Who calls? Sign in at /graphql in this browser tab first, with two-step verification.',
    operation: 'Caller',
    field: 'caller',
    kind: 'query',
    select: 'kind name permissions',
  },
  {
    about: 'List the roles.',
    operation: 'Roles',
    field: 'roles',
    kind: 'query',
    select: 'name description permissions adminPermissions members',
  },
  {
    about: 'Create a role, or replace its content.',
    operation: 'PutRole',
    field: 'putRole',
    input: {
      name: 'editor',
      description: 'Writes articles',
      permissions: ['articles:write'],
      adminPermissions: [],
    },
    select: '... on RoleSaved { role { name permissions adminPermissions members } }',
  },
  {
    about: 'Replace the roles of a person who holds none yet.',
    operation: 'SetRoles',
    field: 'setRoles',
    input: { userId: NOBODY, roles: ['editor'], expected: [] },
    select: '... on RolesSet { user { id email roles { name } } }',
  },
  {
    about: 'Remove a role, from everybody who holds it.',
    operation: 'RemoveRole',
    field: 'removeRole',
    input: { name: 'editor' },
    select: '... on RoleRemoved { name }',
  },
  {
    about: 'List the tokens of machines.',
    operation: 'AdminTokens',
    field: 'adminTokens',
    kind: 'query',
    select: 'id name permissions createdBy expiresAt lastUsedAt revokedAt',
  },
  {
    about: 'Create a token for a machine. It is shown this once.',
    operation: 'CreateAdminToken',
    field: 'createAdminToken',
    input: { name: 'deployment', permissions: ['USERS_READ'], expiresAt: '2030-01-01T00:00:00Z' },
    select: '... on AdminTokenCreated { token adminToken { id expiresAt } }',
  },
  {
    about: 'Revoke a token. adminTokenId: from AdminTokens.',
    operation: 'RevokeAdminToken',
    field: 'revokeAdminToken',
    input: { adminTokenId: NOBODY },
    select: '... on AdminTokenRevoked { adminToken { id revokedAt } }',
  },
];

/** The initial tabs of the administrators' GraphiQL. */
export function adminTabs(): readonly Tab[] {
  return tabsOf(STEPS);
}
