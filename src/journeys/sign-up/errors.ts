import { AppError } from '../../kernel/errors.ts';

/** An account with this address exists. Returned only if the configuration allows enumeration. */
export class EmailTakenError extends AppError {
  constructor() {
    super('An account with this address already exists.');
  }
}
