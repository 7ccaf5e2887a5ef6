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

/** Without this identity, nobody could sign in to the account any more (OA-11). */
export class LastCredentialError extends AppError {
  constructor() {
    super(
      'This is the only way to sign in to the account. Set a password or link another provider first.',
    );
  }
}
