import { DAY, MINUTE } from '../../kernel/duration.ts';

/**
 * What a mail proof is good for. A proof of one purpose is worthless for another (PR-5).
 * `link` and `code` are how long each door stays open; a code is guessable, so it closes within
 * ten minutes (EO-2).
 */
export const PURPOSES = {
  'verify-email': { link: DAY, code: 10 * MINUTE },
  'enable-email-mfa': { link: 10 * MINUTE, code: 10 * MINUTE },
  reauthenticate: { link: 10 * MINUTE, code: 10 * MINUTE },
} as const;

export type Purpose = keyof typeof PURPOSES;

/** Wrong codes a row takes before it refuses all, right or wrong (EO-2). */
export const MAX_CODE_ATTEMPTS = 5;
