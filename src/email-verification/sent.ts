import type { Outcome } from '../graphql/result.ts';

/** Accepted. The answer does not say whether anything was mailed. */
export type EmailSent = Outcome<'EmailSent'> & {
  readonly email: string;
  readonly expiresAt: Date;
  readonly resendableAt: Date;
  /** For `requestPasswordReset`: the secret of the browser that asked. */
  readonly resetToken?: string;
};
