import * as z from 'zod';
import { canonicalEmail } from '../kernel/email.ts';
import { isOneLine, isVisible } from '../kernel/unicode.ts';

/**
 * The rules of input fields. They are pure because they run before authorization: a rule that queried the
 * database would give information to strangers. Their messages are fixed and never repeat the value.
 */

const text = z.string().refine((value) => value.isWellFormed(), {
  message: 'The text is not well-formed Unicode.',
});

/** An email address in its canonical form, without the white space that autofill and pasting add (LG-7). */
export const emailRule = z.string().transform((value, context) => {
  const email = canonicalEmail(value.trim());
  if (email === null) {
    context.addIssue({ code: 'custom', message: 'This is not an email address.' });
    return z.NEVER;
  }
  return email;
});

/** A presented password. The password policy decides about new ones. */
export const passwordRule = text.refine((value) => value.length > 0, {
  message: 'A password is required.',
});

/**
 * A person's name: trimmed, one line, at most 200 characters. It is empty or has at least one visible
 * character.
 */
export const nameRule = text
  .transform((value) => value.trim())
  .refine((value) => [...value].length <= 200, {
    message: 'A name must have at most 200 characters.',
  })
  .refine(isOneLine, { message: 'A name must not contain control characters.' })
  .refine((value) => value === '' || isVisible(value), {
    message: 'A name must have at least one visible character.',
  });

/** A name that cannot be left out: {@link nameRule}, and at least one character. */
export const requiredNameRule = nameRule.refine((value) => value !== '', {
  message: 'A name is required.',
});

/** The name from a field with {@link nameRule}. An empty form field means no name. */
export function readName(name: string | null | undefined): string | null | undefined {
  return name === '' ? null : name;
}

/** An opaque token. Only its size is checked, so that a wrong token gets the same answer as a used one. */
export const tokenRule = z.string().refine((value) => value.length > 0 && value.length <= 512, {
  message: 'This is not a token.',
});

/** A code that a person typed. Only its size is checked here. */
export const codeRule = z.string().refine((value) => value.length > 0 && value.length <= 64, {
  message: 'This is not a code.',
});

/**
 * A URL. Only its size and its characters are checked here; the operation decides what it must equal. A URL
 * parser would drop or encode a control character, and Postgres does not accept NUL.
 */
export const urlRule = text.refine((value) => /^\P{Cc}{1,8192}$/u.test(value), {
  message: 'This is not a URL.',
});

/** The longest address of a picture that is stored. */
const MAX_PICTURE = 2_048;

/**
 * The address of a picture, which this server never fetches: https, without a password in it, in the spelling of the URL
 * standard. Whoever shows the picture needs no other check of the scheme: `javascript:` and `data:` are refused here.
 */
export const pictureRule = text.transform((value, context) => {
  const url = URL.parse(value);
  const isSafe = url?.protocol === 'https:' && url.username === '' && url.password === '';
  // The parser drops control characters and white space around the address. It encodes others, which makes it longer.
  if (url && isSafe && url.href.length <= MAX_PICTURE && /^[^\p{Cc}\s]+$/u.test(value)) {
    return url.href;
  }
  context.addIssue({
    code: 'custom',
    message: `This must be an https URL of at most ${MAX_PICTURE} characters, without a user name or password.`,
  });
  return z.NEVER;
});

/** RFC 5646, 4.4.1, asks for 35. Extensions need more. */
const MAX_LOCALE = 64;

/** A BCP 47 language tag, in its canonical form: `EN-us` becomes `en-US`. */
export const localeRule = text.transform((value, context) => {
  const canonical = value.length <= MAX_LOCALE ? canonicalLocale(value) : null;
  if (canonical !== null) return canonical;
  context.addIssue({ code: 'custom', message: 'This is not a BCP 47 language tag.' });
  return z.NEVER;
});

function canonicalLocale(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch (error) {
    // The only answer of the platform to a malformed tag.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** An id. Only its size is checked, so that a malformed id reads like an unknown one (SE-4). */
export const idRule = z.string().refine((value) => value.length > 0 && value.length <= 128, {
  message: 'This is not an id.',
});

/** A field of a passkey's proof. Its size and alphabet are checked here; the proof decides what it must be. */
export const webauthnRule = (longest: number) =>
  z.string().refine((value) => value.length <= longest && /^[\w-]+$/.test(value), {
    message: 'This is not base64url without padding, or it is too long.',
  });

/** The id of a passkey's credential. */
export const credentialIdRule = webauthnRule(1_364);

/** The client data of a passkey's proof. */
export const clientDataRule = webauthnRule(8_192);

/** The token of a ceremony. It holds the whole ceremony, so it is longer than other tokens. */
export const ceremonyTokenRule = z
  .string()
  .refine((value) => value.length > 0 && value.length <= 1_024, {
    message: 'This is not a token.',
  });

/** The transports of a passkey. Unknown ones are dropped later, because browsers add some over time. */
export const transportsRule = z
  .array(z.string())
  .refine(
    (values) => values.length <= 16 && values.every((value) => /^[a-z-]{2,16}$/.test(value)),
    { message: 'These are not transports.' },
  );
