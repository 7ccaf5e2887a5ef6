import { AppError } from '../../kernel/errors.ts';

/**
 * An account with this address already exists. An address never gives access to an account: its holder signs in
 * as before and then links the provider (OA-5, OA-6).
 */
export class AccountLinkRequiredError extends AppError {
  /** The name of the provider. */
  readonly provider: string;

  constructor(provider: string) {
    super('An account with this address already exists. Sign in to it, then link this provider.');
    this.provider = provider;
  }
}
