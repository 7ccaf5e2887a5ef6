import type { User } from '../../db/tables/user.ts';

/** A second factor that this server can verify. */
export type SecondFactorMethod = 'PASSKEY' | 'TOTP' | 'EMAIL' | 'BACKUP_CODE';

/** A second factor that was proven. A person may have several passkeys, so a passkey is named. */
export type ProvenSecondFactor =
  | { readonly method: Exclude<SecondFactorMethod, 'PASSKEY'> }
  | { readonly method: 'PASSKEY'; readonly passkeyId: string };

/** Every method, in the order in which a sign-in page offers them. */
export const SECOND_FACTOR_METHODS: readonly SecondFactorMethod[] = [
  'PASSKEY',
  'TOTP',
  'EMAIL',
  'BACKUP_CODE',
];

/**
 * The `amr` values that a proven second factor adds. RFC 8176 registers `pop` (possession of a key), `user` (a
 * test of the person's presence), `otp` and `mfa`. `email` is not registered; it says how the code was delivered
 * (EO-7). `backup_code` is a look-up secret, for which the RFC has no value.
 */
const AMR: Readonly<Record<SecondFactorMethod, readonly string[]>> = {
  PASSKEY: ['pop', 'user'],
  TOTP: ['otp'],
  EMAIL: ['email', 'otp'],
  BACKUP_CODE: ['backup_code'],
};

/**
 * Returns the `amr` of a session whose earlier factors are `proven` and whose second factor was just proven.
 */
export function amrWith(proven: readonly string[], method: SecondFactorMethod): string[] {
  return [...new Set([...proven, ...AMR[method], 'mfa'])];
}

/**
 * The `amr` values that prove no first factor other than the mailbox: `email` is the mailbox itself, and
 * second factors add the others.
 */
const NO_OTHER_FIRST_FACTOR: readonly string[] = ['email', 'otp', 'mfa', 'backup_code'];

/**
 * True if access to a mailbox is the only first factor. A code sent to the same mailbox is then not a second
 * factor (EO-6). A password counts as access to the mailbox if it was set with a mailed link.
 */
export function restsOnMailbox(
  proven: readonly string[],
  user: Pick<User, 'passwordFromMail'>,
): boolean {
  return proven.every(
    (method) =>
      NO_OTHER_FIRST_FACTOR.includes(method) || (method === 'pwd' && user.passwordFromMail),
  );
}
