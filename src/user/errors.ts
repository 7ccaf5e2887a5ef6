import { AppError, NoSuchThingError } from '../kernel/errors.ts';

/**
 * An account with this address exists. Only an administrator gets this answer, and strangers where EMAIL_VERIFICATION is
 * optional, which allows enumeration.
 */
export class EmailTakenError extends AppError {
  constructor() {
    super('An account with this address already exists.');
  }
}

/** The operator named an account that does not exist. Only an operator ever gets this answer (EN-1). */
export class NoSuchAccountError extends NoSuchThingError {
  override readonly name = 'NoSuchAccountError';

  constructor() {
    super('There is no account with this address.');
  }
}

/** The operator named an account whose address nobody has proven: whoever registered may be anybody (LG-9). */
export class UnprovenAddressError extends Error {
  override readonly name = 'UnprovenAddressError';

  constructor() {
    super(
      'The person has not proven this address yet. Let them verify it with the code that they were mailed, then run the command again.',
    );
  }
}
