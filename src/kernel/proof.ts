/** How many digits a mailed code has. */
export const MAIL_CODE_DIGITS = 8;

/** What a person brings back from a mail: the link's token, or the digits of the code with its address. */
export type PresentedProof =
  | { readonly token: string }
  | { readonly code: { readonly email: string; readonly code: string } };
