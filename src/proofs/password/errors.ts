import { AppError } from '../../kernel/errors.ts';

/** Why a new password was rejected (PW-6, PW-8, PW-9). */
export type PasswordWeakness =
  | 'TOO_SHORT'
  | 'TOO_LONG'
  | 'COMMON'
  | 'BREACHED'
  | 'CONTAINS_PERSONAL_DATA';

/** A new password that the policy rejects. It contains the reasons, never the word that was found. */
export class WeakPasswordError extends AppError {
  readonly reasons: readonly PasswordWeakness[];

  constructor(reasons: readonly PasswordWeakness[]) {
    super('Choose a different password.');
    this.reasons = reasons;
  }
}

/**
 * Unknown address, wrong password, no password or disabled account. The answer is the same in all cases (LG-1).
 */
export class InvalidCredentialsError extends AppError {
  constructor() {
    super('The email address or the password is incorrect.');
  }
}
