import type { Outcome } from '../graphql/result.ts';

/** The proof is good and not used up; a password has to come with it (PR-11). */
export type PasswordNeeded = Outcome<'PasswordNeeded'> & { readonly email: string };
