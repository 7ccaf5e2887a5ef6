import * as z from 'zod';
import { canonicalEmail } from '../kernel/email.ts';
import { isOneLine, isVisible } from '../kernel/unicode.ts';

/**
 * The rules of input fields. They are pure: they run before authorization, so a rule that asked
 * the database would answer strangers. Their messages are fixed and never repeat the value.
 */

const text = z.string().refine((value) => value.isWellFormed(), {
  message: 'The text is not well-formed Unicode.',
});

/** An address, without the spaces that autofill and pasting put around it, in its canonical form (LG-7). */
export const emailRule = z.string().transform((value, context) => {
  const email = canonicalEmail(value.trim());
  if (email === null) {
    context.addIssue({ code: 'custom', message: 'This is not an email address.' });
    return z.NEVER;
  }
  return email;
});

/** A password as it may be presented; what a new one must be is the policy's to say. */
export const passwordRule = text.refine((value) => value.length > 0, {
  message: 'A password is required.',
});

/** A person's name: trimmed, one line, at most 200 characters; blank, or with something to see in it. */
export const nameRule = text
  .transform((value) => value.trim())
  .refine((value) => [...value].length <= 200, {
    message: 'A name must have at most 200 characters.',
  })
  .refine(isOneLine, { message: 'A name must not contain control characters.' })
  .refine((value) => value === '' || isVisible(value), {
    message: 'A name must have at least one visible character.',
  });

/** The name that a field with {@link nameRule} gave: a form's empty field is no name. */
export function readName(name: string | null | undefined): string | null | undefined {
  return name === '' ? null : name;
}

/** An opaque token: only its size is judged, so that a wrong one is refused like a spent one. */
export const tokenRule = z.string().refine((value) => value.length > 0 && value.length <= 512, {
  message: 'This is not a token.',
});

/** A code somebody typed: only its size is judged here. */
export const codeRule = z.string().refine((value) => value.length > 0 && value.length <= 64, {
  message: 'This is not a code.',
});

/**
 * A URL: only its size and its characters are judged here; what it must equal is the operation's to
 * say. A parser would drop or encode a control character, and a database takes no NUL.
 */
export const urlRule = text.refine((value) => /^\P{Cc}{1,8192}$/u.test(value), {
  message: 'This is not a URL.',
});

/** An id: only its size is judged, so that a malformed one reads as unknown (SE-4). */
export const idRule = z.string().refine((value) => value.length > 0 && value.length <= 128, {
  message: 'This is not an id.',
});
