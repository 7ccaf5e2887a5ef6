/**
 * A stored signing key that cannot be used: sealed under a root secret that is no longer
 * configured, or a row that was moved or altered (TK-12). Not for clients: it stops a start, and
 * shows as an error in the log of a running server.
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

/** The operator named a signing key that is not stored. */
export class UnknownSigningKeyError extends Error {
  override readonly name = 'UnknownSigningKeyError';

  constructor() {
    super('There is no signing key with that id.');
  }
}
