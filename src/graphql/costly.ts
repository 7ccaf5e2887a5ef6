/**
 * Marks a root field that checks or sets a credential, or sends a mail. An operation may contain one such field
 * (RL-1, GQ-5); otherwise a single request could contain a hundred guesses. Spread it into the field's options.
 */
export const costly = { extensions: { costly: true } } as const;
