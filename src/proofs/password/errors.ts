import { AppError } from '../../kernel/errors.ts';

/** Why a new password is refused (PW-6, PW-8, PW-9). */
export type PasswordWeakness =
  | 'TOO_SHORT'
  | 'TOO_LONG'
  | 'COMMON'
  | 'BREACHED'
  | 'CONTAINS_PERSONAL_DATA';

/** A new password the policy does not accept. Says why, never which word gave it away. */
export class WeakPasswordError extends AppError {
  readonly reasons: readonly PasswordWeakness[];

  constructor(reasons: readonly PasswordWeakness[]) {
    super('Choose a different password.');
    this.reasons = reasons;
  }
}

/** Unknown address, wrong password, no password, disabled account: one answer for all (LG-1). */
export class InvalidCredentialsError extends AppError {
  constructor() {
    super('The email address or the password is incorrect.');
  }
}
