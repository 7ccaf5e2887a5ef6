import { NoSuchThingError } from '../kernel/errors.ts';

/**
 * A stored signing key cannot be used: it is sealed with a root secret that is no longer configured,
 * or its row was altered (TK-12). Clients never see this error. It prevents a start, and a running
 * server logs it.
 */
export class UnreadableSigningKeyError extends Error {
  override readonly name = 'UnreadableSigningKeyError';
  readonly kid: string;

  constructor(kid: string, options?: { readonly cause?: unknown }) {
    super(
      'A stored signing key cannot be opened: SECRET_KEYS lacks the secret it was sealed with, or its row was altered.',
      options,
    );
    this.kid = kid;
  }
}

/** The operator named a signing key that does not exist. */
export class UnknownSigningKeyError extends NoSuchThingError {
  override readonly name = 'UnknownSigningKeyError';

  constructor() {
    super('There is no signing key with that id.');
  }
}
