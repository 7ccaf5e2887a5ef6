import * as z from 'zod';
import { parseDuration } from '../kernel/duration.ts';
import { hasUnseenCharacters, isVisible } from '../kernel/unicode.ts';

/** Reports the broken rule as a fixed text: `return refuse('…')`. */
export type Refuse = (rule: string) => never;

/** Creates a schema from a function that reads a text. Its rules never repeat the text (CF-1). */
export function reading<T>(read: (text: string, refuse: Refuse) => T): z.ZodType<T> {
  return z.string({ error: 'must be set' }).transform((text, context) =>
    read(text, (rule) => {
      context.addIssue({ code: 'custom', message: rule });
      return z.NEVER;
    }),
  );
}

/** Parses JSON. The parser's message is dropped, because it quotes the text around the mistake. */
export function parseJson(json: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(json) };
  } catch {
    return null;
  }
}

/** A text in a JSON setting: one line of printable characters. */
export function printableText(most: number): z.ZodString {
  return z
    .string({ error: 'must be a text' })
    .regex(/^[^\p{C}]+$/u, 'must be a printable text')
    .max(most, 'is too long');
}

/** `true` or `false` and nothing else: `TRUE`, `1` and `yes` mean different things elsewhere. */
export const flag: z.ZodType<boolean> = reading((text, refuse) =>
  text === 'true' || text === 'false' ? text === 'true' : refuse('must be true or false'),
);

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): z.ZodType<W> {
  return reading(
    (text, refuse) =>
      words.find((word) => word === text) ?? refuse(`must be one of ${words.join(', ')}`),
  );
}

/** A whole number in a range, in decimal digits. */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  return reading((text, refuse) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    const inRange = value >= least && value <= most;
    return inRange ? value : refuse(`must be a whole number from ${least} to ${most}`);
  });
}

/** A duration in a range, as milliseconds. The bounds are written as a setting would be. */
export function duration(least: string, most: string): z.ZodType<number> {
  const [from, to] = [parseDuration(least), parseDuration(most)];
  if (from === null || to === null)
    throw new TypeError('the bounds of a duration must be durations');
  return reading((text, refuse) => {
    const value = parseDuration(text);
    const inRange = value !== null && value >= from && value <= to;
    return inRange
      ? value
      : refuse(`must be a duration such as 90s, 15m or 7d, from ${least} to ${most}`);
  });
}

/** Texts separated by commas. An invalid one is named by its position. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return reading((text, refuse) => {
    const results = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => item.safeParse(part));
    const rules = results.flatMap((result, index) =>
      (result.error?.issues ?? []).map((issue) => `entry ${index + 1} ${issue.message}`),
    );
    if (rules.length > 0) return refuse(rules.join('; '));
    return results.flatMap((result) => (result.success ? [result.data] : []));
  });
}

/** A name that people read in mails and in an authenticator app: one line of printable text. */
export const displayName: z.ZodType<string> = reading((text, refuse) =>
  /^[^\p{C}"\\<>:]{1,64}$/u.test(text) && isVisible(text)
    ? text
    : refuse('must be 1 to 64 printable characters, without " \\ < > or :'),
);

/** An operator's name: printable, without characters that would make it look like another name in a log. */
export const operatorName: z.ZodType<string> = reading((text, refuse) =>
  /^[^\p{C}]{1,64}$/u.test(text) && isVisible(text) && !hasUnseenCharacters(text)
    ? text
    : refuse('must be 1 to 64 printable characters'),
);

/** Any text that is not empty. */
export const anyText: z.ZodType<string> = reading((text) => text);

/** `a@b.example` or `Name <a@b.example>`, on one line so that it cannot add headers to a mail. */
export const mailSender: z.ZodType<string> = reading((text, refuse) =>
  /^(?:(?:"[^"\\\p{C}]*"|[^"\\<>@,;:()[\]\p{C}]*)\s*<[^\s<>@,;:"\p{C}]+@[a-z0-9.-]+>|[^\s<>@,;:"\p{C}]+@[a-z0-9.-]+)$/iu.test(
    text,
  )
    ? text
    : refuse('must be an address, or a name and an address: Name <address>'),
);

/** The name of a header (RFC 9110 5.1), in lower case. Browsers with cookies take `*` for an ordinary name. */
export const headerName: z.ZodType<string> = reading((text, refuse) =>
  /^[\w!#$%&'+.^`|~-]+$/.test(text) ? text.toLowerCase() : refuse('must be the name of a header'),
);
