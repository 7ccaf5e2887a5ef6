import type { User } from '../../db/tables/user.ts';

/** A second factor that this server can check. */
export type SecondFactorMethod = 'TOTP' | 'EMAIL' | 'BACKUP_CODE';

/** The methods there are, in the order a sign-in page offers them. */
export const SECOND_FACTOR_METHODS: readonly SecondFactorMethod[] = [
  'TOTP',
  'EMAIL',
  'BACKUP_CODE',
];

/**
 * What a second factor leaves in `amr`. RFC 8176 has `otp` and `mfa`; `email` says how the code
 * travelled (EO-7), and `backup_code` is a look-up secret, for which the RFC has no value.
 */
const AMR: Readonly<Record<SecondFactorMethod, readonly string[]>> = {
  TOTP: ['otp'],
  EMAIL: ['email', 'otp'],
  BACKUP_CODE: ['backup_code'],
};

/** The `amr` of a session on which a second factor was proven beside what was before. */
export function amrWith(proven: readonly string[], method: SecondFactorMethod): string[] {
  return [...new Set([...proven, ...AMR[method], 'mfa'])];
}

/** `email` is the mailbox itself; the others are what second factors leave. */
const ADDS_NOTHING_TO_A_MAILBOX: readonly string[] = ['email', 'otp', 'mfa', 'backup_code'];

/**
 * True when nothing but a mailbox stands behind the first factor: a code sent to that same mailbox
 * is then no second one (EO-6). A password that a mail let its owner set is no more than that mail.
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
