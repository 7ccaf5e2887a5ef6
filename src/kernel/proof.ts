/** What a person brings back from a mail: the link's token, or the code with its address. */
export type PresentedProof =
  | { readonly token: string }
  | { readonly code: { readonly email: string; readonly code: string } };
