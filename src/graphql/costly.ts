/**
 * Marks a root field that checks or sets a credential, or sends mail: an operation may ask for one
 * (RL-1, GQ-5), or a single request would carry a hundred guesses. Spread it into the field's
 * options.
 */
export const costly = { extensions: { costly: true } } as const;
