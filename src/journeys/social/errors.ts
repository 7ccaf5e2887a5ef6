import { AppError } from '../../kernel/errors.ts';

/**
 * Somebody already has an account with this address. An address never opens an account: its holder
 * signs in as before, then links (OA-5, OA-6).
 */
export class AccountLinkRequiredError extends AppError {
  /** What the provider is called. */
  readonly provider: string;

  constructor(provider: string) {
    super('An account with this address already exists. Sign in to it, then link this provider.');
    this.provider = provider;
  }
}

/** Without this, nobody could sign in to the account any more (OA-11). */
export class LastCredentialError extends AppError {
  constructor() {
    super(
      'This is the only way to sign in to the account. Set a password or link another provider first.',
    );
  }
}
