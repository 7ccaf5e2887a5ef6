import type { Outcome } from '../graphql/result.ts';

/** The address must be verified first. A mail with a link and a code is on its way. */
export type EmailVerificationRequired = Outcome<'EmailVerificationRequired'> & {
  readonly email: string;
  readonly expiresAt: Date;
  readonly registrationToken: string;
  readonly resendableAt: Date;
};

/** The proof is valid and was not used up, but a password must come with it (PR-11). */
export type PasswordNeeded = Outcome<'PasswordNeeded'> & { readonly email: string };

/** The request was accepted. The answer does not reveal whether anything was mailed. */
export type EmailSent = Outcome<'EmailSent'> & {
  readonly email: string;
  readonly expiresAt: Date;
  readonly resendableAt: Date;
  /** The secret of the requesting browser. Only `requestPasswordReset` returns it. */
  readonly resetToken?: string;
};
