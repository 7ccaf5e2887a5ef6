import type { Outcome } from '../../graphql/result.ts';

/** There is a new password, and so many sessions ended with the old one. */
export type PasswordChanged = Outcome<'PasswordChanged'> & {
  readonly at: Date;
  readonly sessionsRevoked: number;
  /** After a reset: makes the browser one of the person's devices. */
  readonly device?: { readonly token: string; readonly expiresAt: Date };
};
