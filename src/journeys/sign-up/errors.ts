import { AppError } from '../../kernel/errors.ts';

/** Somebody has an account with this address. Only said where enumeration is configured away. */
export class EmailTakenError extends AppError {
  constructor() {
    super('An account with this address already exists.');
  }
}
