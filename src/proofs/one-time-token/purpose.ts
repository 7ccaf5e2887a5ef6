import { DAY, HOUR, MINUTE } from '../../kernel/duration.ts';

/**
 * What a mail proof is good for. A proof of one purpose is worthless for another (PR-5).
 * `link` and `code` are how long each door stays open; a code is guessable, so it closes within
 * ten minutes (EO-2).
 */
export const PURPOSES = {
  'verify-email': { link: DAY, code: 10 * MINUTE },
  'enable-email-mfa': { link: 10 * MINUTE, code: 10 * MINUTE },
  reauthenticate: { link: 10 * MINUTE, code: 10 * MINUTE },
  'reset-password': { link: 30 * MINUTE, code: 10 * MINUTE },
  'change-email': { link: HOUR, code: 10 * MINUTE },
  /** To the old address when a change is asked for; a link alone, no code. */
  'stop-email-change': { link: 3 * DAY, code: 0 },
  /** To the old address when the change was made; a link alone, no code (PR-7). */
  'undo-email-change': { link: 3 * DAY, code: 0 },
  /** With the mail that tells of a new way in; a link alone, no code (PR-12). */
  'undo-security-change': { link: 3 * DAY, code: 0 },
} as const;

export type Purpose = keyof typeof PURPOSES;

/** True for a purpose this release knows. */
export function isPurpose(text: string): text is Purpose {
  return Object.hasOwn(PURPOSES, text);
}

/**
 * What a change of credentials voids. A reset's proof names no person: the version of the credentials
 * voids that one. The way back to an old address stays: whoever took an
 * account over would void it with a new password.
 */
export const BOUND_TO_CREDENTIALS: readonly Purpose[] = ['change-email'];

/** The links that take a change away again (PR-7, PR-12). Only an undo ends them. */
export const TAKE_BACK = [
  'stop-email-change',
  'undo-email-change',
  'undo-security-change',
] as const satisfies readonly Purpose[];

/** One of them. */
export type TakeBack = (typeof TAKE_BACK)[number];

/** What else may be under way for a person, but for the links that undo a change. */
export const UNDER_WAY: readonly Purpose[] = [
  'verify-email',
  'enable-email-mfa',
  'reauthenticate',
  'change-email',
];

/** Wrong codes a row takes before it refuses all, right or wrong (EO-2). */
export const MAX_CODE_ATTEMPTS = 5;
