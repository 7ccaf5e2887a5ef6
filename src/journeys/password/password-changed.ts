import type { Outcome } from '../../graphql/result.ts';

/** There is a new password, and so many sessions ended with the old one. */
export type PasswordChanged = Outcome<'PasswordChanged'> & {
  readonly at: Date;
  readonly sessionsRevoked: number;
};
