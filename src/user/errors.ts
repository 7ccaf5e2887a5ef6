/** The operator named an account that is not there: nobody but an operator is ever told so (EN-1). */
export class NoSuchAccountError extends Error {
  override readonly name = 'NoSuchAccountError';

  constructor() {
    super('There is no account with this address.');
  }
}
