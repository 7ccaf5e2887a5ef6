/** The number of digits in a mailed code. */
export const MAIL_CODE_DIGITS = 8;

/**
 * The proof that a person presents from a mail: the token of the link, or the code and the address that it was
 * mailed to.
 */
export type PresentedProof =
  | { readonly token: string }
  | { readonly code: { readonly email: string; readonly code: string } };
