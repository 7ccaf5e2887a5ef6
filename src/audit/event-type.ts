import { DAY } from '../kernel/duration.ts';

/**
 * Every act of an account or of the server that is recorded in the audit log (docs/requirements.md, section 1.17), with the description of its
 * enum value. The list is closed: a new act needs an entry here.
 */
export const EVENT_TYPES = {
  REGISTRATION_REQUESTED:
    'Somebody asked to register with the address. The account is created once the address is verified.',
  ACCOUNT_CREATED:
    'The account was created: by registering, through a provider, by mail, by an invitation or by an administrator.',
  EMAIL_VERIFICATION_SENT: 'A mail to verify the email address was requested.',
  EMAIL_VERIFIED: 'The email address was verified.',
  SIGNED_IN: 'A session was started.',
  SIGN_IN_FAILED: 'A sign-in failed.',
  EMAIL_SIGN_IN_REQUESTED: 'A sign-in by mail was requested.',
  SECOND_FACTOR_REQUIRED: 'The first factor was correct, and a second factor was required.',
  SECOND_FACTOR_CODE_SENT: 'A code for the second factor was mailed.',
  SECOND_FACTOR_FAILED: 'A second factor failed.',
  MFA_ENROLLMENT_STARTED: 'The setup of a second factor was started.',
  MFA_ENABLED: 'A second factor was enabled.',
  MFA_DISABLED: 'A second factor was disabled.',
  BACKUP_CODES_GENERATED: 'A new set of backup codes was created. The old codes no longer work.',
  BACKUP_CODE_USED: 'A backup code was used.',
  REAUTHENTICATION_CODE_SENT: 'A code for reauthentication was mailed.',
  REAUTHENTICATED: 'The person of a session reauthenticated.',
  REAUTHENTICATION_FAILED: 'A reauthentication failed.',
  OAUTH_FAILED: 'Signing in with a provider, or linking one, failed.',
  IDENTITY_LINKED: 'An account at a provider was linked as a way of signing in.',
  IDENTITY_UNLINKED: 'An account at a provider was unlinked.',
  PASSKEY_ADDED: 'A passkey was added as a way of signing in. Every other session was ended.',
  PASSKEY_RENAMED: 'A passkey was renamed.',
  PASSKEY_REMOVED: 'A passkey was removed.',
  PASSKEY_FAILED: 'A passkey was rejected, at a sign-in or when it was to be added.',
  PASSKEY_COUNTER_ALARM:
    'The signature counter of a passkey did not rise, as happens with a copied security key.',
  SIGNED_OUT: 'The person signed out.',
  SESSION_REVOKED: 'A session was ended from another one.',
  OTHER_SESSIONS_REVOKED: 'Every other session was ended.',
  SESSIONS_REVOKED: 'An administrator ended sessions of the account.',
  REFRESH_TOKEN_ADOPTED:
    'A refresh token was newer than the database, as can happen after a failover. Its session continued.',
  REFRESH_TOKEN_REUSED: 'A used refresh token was sent again. Its session was ended.',
  PASSWORD_RESET_REQUESTED: 'A password reset was requested.',
  PASSWORD_RESET: 'A new password was set with a mailed reset. Every session was ended.',
  PASSWORD_CHANGED: 'The password was changed with the current one. Every other session was ended.',
  PASSWORD_CHANGE_FAILED:
    'A change of the password was rejected because the current password was wrong.',
  EMAIL_CHANGE_REQUESTED: 'A change of the email address was requested.',
  EMAIL_CHANGED: 'The email address was changed. Every other session was ended.',
  EMAIL_CHANGE_UNDONE:
    'A change of the email address was undone from the old address. Every session was ended.',
  SECURITY_CHANGE_UNDONE:
    'A change was undone with the link in the mail about it. Every session was ended.',
  PROFILE_UPDATED: 'The profile was updated.',
  ACCOUNT_UPDATED:
    'An administrator changed the profile, the attributes or the external id of the account.',
  ACCOUNT_DISABLED:
    'An operator or an administrator disabled the account. Every session was ended.',
  ACCOUNT_ENABLED: 'An operator or an administrator enabled the account again.',
  ACCOUNT_DELETED: 'The account was deleted, by the person, an operator or an administrator.',
  RATE_LIMITED: 'A rate limit was exceeded, and further attempts were rejected for a while.',
  ALL_SESSIONS_ENDED: 'An operator ended every session of every account.',
  ROLES_CHANGED: 'An administrator changed the roles of the account.',
  IMPERSONATION_REQUESTED: 'An administrator asked to act as the person.',
  IMPERSONATION_STARTED: 'An administrator started a session in which they act as the person.',
  IMPERSONATION_ENDED: 'A session in which an administrator acted as the person was ended.',
  INVITATION_SENT: 'An administrator mailed an invitation.',
  INVITATION_REVOKED: 'An administrator revoked an invitation.',
  INVITATION_ACCEPTED: 'An invitation was accepted. It proved the email address and gave roles.',
  RATE_LIMITS_RESET:
    'An operator or an administrator reset the rate limits of an account or a source.',
  SIGNING_KEY_ROTATED: 'A new signing key was published.',
  SIGNING_KEY_REVOKED: 'A signing key was revoked.',
} as const;

/**
 * Acts of administrators that concern no account. Only the administrators' API has values for them: the public schema
 * names nothing of it (AD-1).
 */
const ADMINISTRATION_EVENT_TYPES = {
  ROLE_SAVED: 'A role was created or changed.',
  ROLE_REMOVED: 'A role was removed, from everybody who held it.',
  ADMIN_TOKEN_CREATED: 'A token for the administrators’ API was created.',
  ADMIN_TOKEN_REVOKED: 'A token for the administrators’ API was revoked.',
} as const;

/** The name of an audited act of an account or of the server. */
export type EventType = keyof typeof EVENT_TYPES;

/** The name of any audited act. */
export type AuditType = EventType | keyof typeof ADMINISTRATION_EVENT_TYPES;

/** Every audited act, with the description of its value in the administrators' API. */
export const AUDIT_TYPES: Readonly<Record<AuditType, string>> = {
  ...EVENT_TYPES,
  ...ADMINISTRATION_EVENT_TYPES,
};

/** False for an act of a newer release: this one has no value for it. */
export function isAuditType(type: string): type is AuditType {
  return Object.hasOwn(AUDIT_TYPES, type);
}

/**
 * Events that people cause all the time and that are not needed to explain an account takeover. They are kept
 * for {@link ROUTINE_RETENTION}. All others are kept for AUDIT_RETENTION: events about access that was granted
 * or removed, failures, and acts of operators and administrators. A flood of routine events therefore hides the others for a
 * month and not for a year (RL-14).
 */
const ROUTINE: ReadonlySet<AuditType> = new Set<EventType>([
  'EMAIL_VERIFICATION_SENT',
  'EMAIL_SIGN_IN_REQUESTED',
  'SECOND_FACTOR_REQUIRED',
  'SECOND_FACTOR_CODE_SENT',
  'MFA_ENROLLMENT_STARTED',
  'REAUTHENTICATION_CODE_SENT',
  'REAUTHENTICATED',
  'SIGNED_OUT',
  'PROFILE_UPDATED',
  'PASSKEY_RENAMED',
]);

/** How long routine events are kept, unless AUDIT_RETENTION is shorter. */
export const ROUTINE_RETENTION = 30 * DAY;

/** True for events that are kept only for {@link ROUTINE_RETENTION}. */
export function isRoutine(type: AuditType): boolean {
  return ROUTINE.has(type);
}
