import type { Outcome } from '../../graphql/result.ts';

/** The password was replaced, and the number of sessions that ended with the old one. */
export type PasswordChanged = Outcome<'PasswordChanged'> & {
  readonly at: Date;
  readonly sessionsRevoked: number;
  /** After a reset: makes this browser a known device of the person. */
  readonly device?: { readonly token: string; readonly expiresAt: Date };
};
