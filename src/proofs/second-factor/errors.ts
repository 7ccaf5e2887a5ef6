import { AppError } from '../../kernel/errors.ts';

/** A code that is wrong, spent, over or of a method the person does not have: one answer. */
export class InvalidCodeError extends AppError {
  /** Tries left where they are counted. */
  readonly attemptsRemaining: number | null;

  constructor(attemptsRemaining: number | null = null) {
    super('This code is incorrect.');
    this.attemptsRemaining = attemptsRemaining;
  }
}

/** The challenge is over, used, used up, or was never ours: one answer. */
export class ChallengeExpiredError extends AppError {
  constructor() {
    super('This sign-in attempt has expired. Sign in again.');
  }
}

/** The second factor is set up already. */
export class MfaAlreadyEnabledError extends AppError {
  constructor() {
    super('This second factor is already enabled.');
  }
}

/** There is no such second factor, or nothing waits to be confirmed. */
export class MfaNotEnabledError extends AppError {
  constructor() {
    super('This second factor is not enabled.');
  }
}
