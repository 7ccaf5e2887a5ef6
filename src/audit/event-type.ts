import { DAY } from '../kernel/duration.ts';

/**
 * Every act that leaves a row (docs/requirements.md, section 1.17), with the sentence its enum
 * value carries. The list is closed: a new act needs its own line here.
 */
export const EVENT_TYPES = {
  REGISTERED: 'An account was asked for or made, with a password or through a provider.',
  EMAIL_VERIFICATION_SENT: 'A mail that proves the address was asked for.',
  EMAIL_VERIFIED: 'The address was proven.',
  SIGNED_IN: 'A session was started.',
  SIGN_IN_FAILED: 'A sign-in was refused.',
  SECOND_FACTOR_REQUIRED: 'A first factor was right; a second one was asked for.',
  SECOND_FACTOR_CODE_SENT: 'A code for the second factor was mailed.',
  SECOND_FACTOR_FAILED: 'A second factor was refused.',
  MFA_ENROLLMENT_STARTED: 'A second factor was begun to be set up.',
  MFA_ENABLED: 'A second factor was enabled.',
  MFA_DISABLED: 'A second factor was disabled.',
  BACKUP_CODES_GENERATED: 'A new set of backup codes was made; the older one is void.',
  BACKUP_CODE_USED: 'A backup code was used.',
  REAUTHENTICATION_CODE_SENT: 'A code to prove oneself again was mailed.',
  REAUTHENTICATED: 'The person of a session proved again who they are.',
  REAUTHENTICATION_FAILED: 'That proof was refused.',
  OAUTH_FAILED: 'Signing in with a provider, or linking one, was refused.',
  IDENTITY_LINKED: 'An account at a provider became a way to sign in.',
  IDENTITY_UNLINKED: 'It stopped being one.',
  SIGNED_OUT: 'A session was ended by its own holder.',
  SESSION_REVOKED: 'Another session was ended from a signed-in one.',
  OTHER_SESSIONS_REVOKED: 'Every other session was ended.',
  REFRESH_TOKEN_ADOPTED:
    'A refresh token was newer than the database, as can happen after a failover; its session continued.',
  REFRESH_TOKEN_REUSED: 'A spent refresh token came back; its session was ended.',
  PASSWORD_RESET_REQUESTED: 'A mail to choose a new password with was asked for.',
  PASSWORD_RESET: 'A new password was set with what that mail carried; every session was ended.',
  PASSWORD_CHANGED: 'The password was changed with the current one; every other session was ended.',
  PASSWORD_CHANGE_FAILED: 'The current password given for a change was wrong.',
  EMAIL_CHANGE_REQUESTED: 'A change to another address was asked for.',
  EMAIL_CHANGED: 'The address was changed; every other session was ended.',
  EMAIL_CHANGE_UNDONE: 'The old address took a change back; every session was ended.',
  SECURITY_CHANGE_UNDONE:
    'A change was undone with the link of the mail about it; every session was ended.',
  PROFILE_UPDATED: 'The profile was changed.',
  ACCOUNT_DISABLED: 'The account was closed by an operator; every session was ended.',
  ACCOUNT_ENABLED: 'An operator opened it again.',
  ACCOUNT_DELETED: 'The account was deleted by its person.',
  RATE_LIMITED: 'A budget of tries was used up; more were refused for a while.',
  ALL_SESSIONS_ENDED: 'An operator ended every session of every account.',
  RATE_LIMITS_RESET: 'An operator reset the rate limits of an account or a source.',
  SIGNING_KEY_ROTATED: 'A new signing key was published.',
  SIGNING_KEY_REVOKED: 'A signing key was refused from then on.',
} as const;

/** The name of an act that leaves a row. */
export type EventType = keyof typeof EVENT_TYPES;

/**
 * Events that their person causes all the time and that nobody needs to explain a takeover: kept for
 * {@link ROUTINE_RETENTION}. All others are kept for AUDIT_RETENTION: what gives or takes access,
 * what failed, and what an operator did. So a flood of routine acts buries the others for a month
 * and not for a year (RL-14).
 */
const ROUTINE: ReadonlySet<EventType> = new Set<EventType>([
  'EMAIL_VERIFICATION_SENT',
  'SECOND_FACTOR_REQUIRED',
  'SECOND_FACTOR_CODE_SENT',
  'MFA_ENROLLMENT_STARTED',
  'REAUTHENTICATION_CODE_SENT',
  'REAUTHENTICATED',
  'SIGNED_OUT',
  'PROFILE_UPDATED',
]);

/** How long routine events are kept, where AUDIT_RETENTION is not shorter. */
export const ROUTINE_RETENTION = 30 * DAY;

/** True for events that are kept for {@link ROUTINE_RETENTION} alone. */
export function isRoutine(type: EventType): boolean {
  return ROUTINE.has(type);
}
