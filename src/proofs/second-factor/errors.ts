import { AppError } from '../../kernel/errors.ts';

/** The code is wrong, spent or expired, or the person does not have its method: one answer for all. */
export class InvalidCodeError extends AppError {
  /** The attempts left; null where they are not counted one by one. */
  readonly attemptsRemaining: number | null;

  constructor(attemptsRemaining: number | null = null) {
    super('This code is incorrect.');
    this.attemptsRemaining = attemptsRemaining;
  }
}

/** The challenge has expired, is used, has no attempts left, or was never issued: one answer for all. */
export class ChallengeExpiredError extends AppError {
  constructor() {
    super('This sign-in attempt has expired. Sign in again.');
  }
}

/** The second factor is already enrolled. */
export class MfaAlreadyEnabledError extends AppError {
  constructor() {
    super('This second factor is already enabled.');
  }
}

/**
 * The mailbox is the only way to sign in to the account. A code that is mailed to it would prove nothing more, and
 * its person could never answer the question for a second factor (ADR-0016, EL-4).
 */
export class MailboxOnlyError extends AppError {
  constructor() {
    super(
      'You sign in with your mailbox alone, so a code by email would not be a second factor. Use an authenticator app.',
    );
  }
}

/** There is no such second factor, or no enrollment waits for confirmation. */
export class MfaNotEnabledError extends AppError {
  constructor() {
    super('This second factor is not enabled.');
  }
}
