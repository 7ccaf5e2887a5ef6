import type { english } from './english.ts';

/**
 * Every text of the components. A translation is an object of this type, so the compiler reports each text that
 * is missing.
 */
export type Messages = typeof english;

/** A part of the texts, to change a few of them. */
export type MessageOverrides = {
  readonly [Group in keyof Messages]?: Messages[Group] extends string
    ? Messages[Group]
    : Partial<Messages[Group]>;
};

/** Returns `base` with the texts of `overrides` in place of its own. */
export function extendMessages(base: Messages, overrides: MessageOverrides): Messages {
  const groups = Object.entries(overrides).map(([group, texts]) => {
    const own = base[group as keyof Messages];
    return [group, typeof own === 'string' ? texts : { ...own, ...(texts as object) }];
  });
  return { ...base, ...Object.fromEntries(groups) };
}
