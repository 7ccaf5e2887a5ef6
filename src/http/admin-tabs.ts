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
    about:
      'Find people. filter: emailPrefix, role, disabled, verified, hasSecondFactor, createdAfter, createdBefore, lastSignInBefore. orderBy: CREATED_DESC, CREATED_ASC, LAST_SIGN_IN_DESC.',
    operation: 'Users',
    field: 'users',
    kind: 'query',
    args: { filter: ['UserFilter', { emailPrefix: 'ada' }], first: ['Int', 20] },
    select: `edges { node { id email emailVerified name roles { name } createdAt lastSignInAt disabledAt } }
      pageInfo { hasNextPage endCursor }`,
  },
  {
    about: 'Look up one person. by: id, email, identity or externalId.',
    operation: 'User',
    field: 'user',
    kind: 'query',
    args: { by: ['UserSelector!', { email: 'ada@example.com' }] },
    select: `id email emailVerified name roles { name } attributes disabledAt disabledReason
      signInBlockers { kind until } claimsPreview mfa { enabled totp email passkey backupCodesRemaining }
      passkeys { id name lastUsedAt } identities { id provider subject email }
      sessions(first: 5) { edges { node { id createdAt lastUsedAt methods ipAddress userAgent } } }
      events(first: 5) { edges { node { at type ipAddress } } }`,
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
    about: 'Change the profile or the attributes of a person. null removes a value.',
    operation: 'UpdateUser',
    field: 'updateUser',
    input: { userId: NOBODY, name: 'Ada', locale: 'en', attributes: { plan: 'pro' } },
    select: '... on UserUpdated { user { id name attributes } }',
  },
  {
    about: 'Disable an account. Every session ends.',
    operation: 'DisableUser',
    field: 'disableUser',
    input: { userId: NOBODY, reason: 'ticket 7' },
    select: '... on UserDisabled { sessionsRevoked user { id disabledAt } }',
  },
  {
    about: 'Enable a disabled account.',
    operation: 'EnableUser',
    field: 'enableUser',
    input: { userId: NOBODY, reason: 'ticket 7' },
    select: '... on UserEnabled { user { id disabledAt } }',
  },
  {
    about: 'End every session of a person, or those of sessionIds.',
    operation: 'RevokeUserSessions',
    field: 'revokeUserSessions',
    input: { userId: NOBODY, reason: 'ticket 7' },
    select: '... on UserSessionsRevoked { count }',
  },
  {
    about: 'Remove the second factors of a person who lost them.',
    operation: 'RemoveSecondFactors',
    field: 'removeSecondFactors',
    input: { userId: NOBODY, reason: 'ticket 7' },
    select: '... on SecondFactorsRemoved { user { id mfa { enabled } } }',
  },
  {
    about: 'Remove a passkey of a person.',
    operation: 'RemoveUserPasskey',
    field: 'removeUserPasskey',
    input: { userId: NOBODY, passkeyId: NOBODY, reason: 'ticket 7' },
    select: '... on UserPasskeyRemoved { user { id passkeys { id name } } }',
  },
  {
    about: 'Unlink an account at a provider from a person.',
    operation: 'UnlinkUserIdentity',
    field: 'unlinkUserIdentity',
    input: { userId: NOBODY, identityId: NOBODY, reason: 'ticket 7' },
    select: '... on UserIdentityUnlinked { user { id identities { id provider } } }',
  },
  {
    about: 'Mail a person a link for a new password.',
    operation: 'SendPasswordReset',
    field: 'sendPasswordReset',
    input: { userId: NOBODY, reason: 'ticket 7' },
    select: '... on PasswordResetSent { at }',
  },
  {
    about: 'Mail the proof of an address again.',
    operation: 'ResendVerification',
    field: 'resendVerification',
    input: { email: 'ada@example.com' },
    select: '... on VerificationSent { at }',
  },
  {
    about: 'Forget what the rate limits of an address or a source have counted.',
    operation: 'ResetLimits',
    field: 'resetLimits',
    input: { email: 'ada@example.com', reason: 'ticket 7' },
    select: '... on LimitsReset { limits }',
  },
  {
    about: 'Delete an account permanently.',
    operation: 'DeleteUser',
    field: 'deleteUser',
    input: { userId: NOBODY, reason: 'ticket 7' },
    select: '... on UserDeleted { at }',
  },
  {
    about: 'Act as a person, if IMPERSONATION is on. The token goes into CompleteHandover on PORT.',
    operation: 'ImpersonateUser',
    field: 'impersonateUser',
    input: { userId: NOBODY, reason: 'Ticket 4711' },
    select: '... on HandoverIssued { handoverToken expiresAt }',
  },
  {
    about: 'Invite a person. Find the mail at /dev/mailbox.',
    operation: 'InviteUser',
    field: 'inviteUser',
    input: { email: 'grace@example.com', roles: [], name: 'Grace', locale: 'en' },
    select: '... on UserInvited { invitation { id email roles invitedBy expiresAt } }',
  },
  {
    about: 'List the invitations that nobody has accepted.',
    operation: 'Invitations',
    field: 'invitations',
    kind: 'query',
    select:
      'edges { node { id email roles invitedBy createdAt expiresAt } } pageInfo { hasNextPage endCursor }',
  },
  {
    about: 'Revoke an invitation.',
    operation: 'RevokeInvitation',
    field: 'revokeInvitation',
    input: { invitationId: NOBODY },
    select: '... on InvitationRevoked { id }',
  },
  {
    about: 'Create an account. Its owner chooses the password with the link in the mail.',
    operation: 'CreateUser',
    field: 'createUser',
    input: { email: 'hopper@example.com', name: 'Grace', attributes: { team: 'compilers' } },
    select: '... on UserCreated { user { id email emailVerified roles { name } } }',
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
  {
    about:
      'What happened: the audit log, newest first. filter: types, userId, actorId, ipAddress, after, before.',
    operation: 'Events',
    field: 'events',
    kind: 'query',
    args: { filter: ['EventFilter', { types: ['SIGN_IN_FAILED'] }], first: ['Int', 20] },
    select: `edges { node { id at type email actor { kind id name } ipAddress userAgent requestId reason } }
      pageInfo { hasNextPage endCursor }`,
  },
  {
    about: 'What waits for an address that has no account.',
    operation: 'Registrations',
    field: 'registrations',
    kind: 'query',
    args: { email: ['EmailAddress!', 'ada@example.com'] },
    select: 'email requestedAt expiresAt mailsSent',
  },
  {
    about: 'The figures of each day of a time, and the totals of now.',
    operation: 'Statistics',
    field: 'statistics',
    kind: 'query',
    args: {
      from: ['DateTime!', '2026-01-01T00:00:00Z'],
      to: ['DateTime!', '2026-02-01T00:00:00Z'],
      bucket: ['StatisticsBucket!', 'DAY'],
    },
    select: `buckets { from registrations signIns failedSignIns secondFactorFailures passwordResets }
      totals { at users verified withSecondFactor withPasskey disabled liveSessions }`,
  },
  {
    about: 'What an operator should look at.',
    operation: 'Attention',
    field: 'attention',
    kind: 'query',
    select: 'kind subject since',
  },
  {
    about: 'The settings of the process that answers. Secrets have no value.',
    operation: 'Settings',
    field: 'settings',
    kind: 'query',
    select: 'name value source',
  },
];

/** The initial tabs of the administrators' GraphiQL. */
export function adminTabs(): readonly Tab[] {
  return tabsOf(STEPS);
}
