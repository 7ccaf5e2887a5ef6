import type { User } from '../../db/tables/user.ts';

/** A second factor that this server can verify. */
export type SecondFactorMethod = 'TOTP' | 'EMAIL' | 'BACKUP_CODE';

/** Every method, in the order in which a sign-in page offers them. */
export const SECOND_FACTOR_METHODS: readonly SecondFactorMethod[] = [
  'TOTP',
  'EMAIL',
  'BACKUP_CODE',
];

/**
 * The `amr` values of a second factor. RFC 8176 registers `otp` and `mfa`. `email` says how the code was
 * delivered (EO-7). `backup_code` is a look-up secret, for which the RFC has no value.
 */
const AMR: Readonly<Record<SecondFactorMethod, readonly string[]>> = {
  TOTP: ['otp'],
  EMAIL: ['email', 'otp'],
  BACKUP_CODE: ['backup_code'],
};

/** The `amr` of a session after a second factor was proven in addition to the earlier factors. */
export function amrWith(proven: readonly string[], method: SecondFactorMethod): string[] {
  return [...new Set([...proven, ...AMR[method], 'mfa'])];
}

/** `email` stands for the mailbox itself; the others are the values that second factors add. */
const ADDS_NOTHING_TO_A_MAILBOX: readonly string[] = ['email', 'otp', 'mfa', 'backup_code'];

/**
 * True if the first factor rests on nothing but a mailbox. A code that is sent to the same mailbox is then
 * not a second factor (EO-6). A password that was set with a mailed link proves no more than that mail.
 */
export function restsOnMailbox(
  proven: readonly string[],
  user: Pick<User, 'passwordFromMail'>,
): boolean {
  return proven.every(
    (method) =>
      ADDS_NOTHING_TO_A_MAILBOX.includes(method) || (method === 'pwd' && user.passwordFromMail),
  );
}
