/** The operator named an account that does not exist. Only an operator ever gets this answer (EN-1). */
export class NoSuchAccountError extends Error {
  override readonly name = 'NoSuchAccountError';

  constructor() {
    super('There is no account with this address.');
  }
}
