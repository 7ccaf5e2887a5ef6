import type { Outcome } from '../graphql/result.ts';

/** Accepted. Whether anything was mailed is not said. */
export type EmailSent = Outcome<'EmailSent'> & { readonly email: string; readonly expiresAt: Date };
