import { DAY, HOUR, MINUTE } from '../../kernel/duration.ts';

/**
 * The purposes of mail proofs. A proof for one purpose is invalid for every other (PR-5). `link` and `code`
 * are the lifetimes of the link and the code. A code can be guessed, so it expires within ten minutes (EO-2).
 */
export const PURPOSES = {
  'verify-email': { link: DAY, code: 10 * MINUTE },
  'enable-email-mfa': { link: 10 * MINUTE, code: 10 * MINUTE },
  reauthenticate: { link: 10 * MINUTE, code: 10 * MINUTE },
  'reset-password': { link: 30 * MINUTE, code: 10 * MINUTE },
  /** EMAIL_SIGN_IN_TTL sets the lifetime of the link. */
  'email-sign-in': { link: 10 * MINUTE, code: 10 * MINUTE },
  'change-email': { link: HOUR, code: 10 * MINUTE },
  /** To the old address when a change is requested; only a link, no code. */
  'stop-email-change': { link: 3 * DAY, code: 0 },
  /** To the old address when the change was made; only a link, no code (PR-7). */
  'undo-email-change': { link: 3 * DAY, code: 0 },
  /** With the mail that reports an added credential; only a link, no code (PR-12). */
  'undo-security-change': { link: 3 * DAY, code: 0 },
} as const;

export type Purpose = keyof typeof PURPOSES;

/** True for a purpose that this release knows. */
export function isPurpose(text: string): text is Purpose {
  return Object.hasOwn(PURPOSES, text);
}

/**
 * The purposes that a change of credentials voids. The proofs of a reset and of a sign-in name no person; the
 * version of the credentials voids them. The link back to an old address stays valid, because someone who took over an account
 * would void it by setting a new password.
 */
export const BOUND_TO_CREDENTIALS: readonly Purpose[] = ['change-email'];

/** The links that undo a change (PR-7, PR-12). Only an undo ends them. */
export const TAKE_BACK = [
  'stop-email-change',
  'undo-email-change',
  'undo-security-change',
] as const satisfies readonly Purpose[];

/** A purpose of {@link TAKE_BACK}. */
export type TakeBack = (typeof TAKE_BACK)[number];

/** The purposes of a person's other pending proofs, except for the links that undo a change. */
export const UNDER_WAY: readonly Purpose[] = [
  'verify-email',
  'enable-email-mfa',
  'reauthenticate',
  'change-email',
];

/** The number of wrong codes after which a row rejects every code, right or wrong (EO-2). */
export const MAX_CODE_ATTEMPTS = 5;
