/**
 * Every act that leaves a row (security.md 1.17), with the sentence its enum value carries. The
 * list is closed: a new act needs its own line here.
 */
export const EVENT_TYPES = {
  REGISTERED: 'An account was asked for or made with an email address and a password.',
  EMAIL_VERIFICATION_SENT: 'A mail that proves the address was asked for.',
  EMAIL_VERIFIED: 'The address was proven.',
  SIGNED_IN: 'A session was started.',
  SIGN_IN_FAILED: 'A sign-in was refused.',
  REAUTHENTICATED: 'The person of a session proved again who they are.',
  REAUTHENTICATION_FAILED: 'That proof was refused.',
  SIGNED_OUT: 'A session was ended by its own holder.',
  SESSION_REVOKED: 'Another session was ended from a signed-in one.',
  OTHER_SESSIONS_REVOKED: 'Every other session was ended.',
  REFRESH_TOKEN_REUSED: 'A spent refresh token came back; its session was ended.',
  RATE_LIMITED: 'A budget of tries was used up; more were refused for a while.',
  SIGNING_KEY_ROTATED: 'A new signing key was published.',
  SIGNING_KEY_REVOKED: 'A signing key was refused from then on.',
} as const;

export type EventType = keyof typeof EVENT_TYPES;
