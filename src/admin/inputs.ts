import * as z from 'zod';
import { idRule } from '../graphql/inputs.ts';
import { canonicalEmailPrefix } from '../kernel/email.ts';
import { canonicalAddress } from '../kernel/source.ts';
import { hasUnseenCharacters, isOneLine, isVisible } from '../kernel/unicode.ts';

/** The rules of input fields of the administrators' schema. Pure, like those of graphql/inputs.ts. */

/** The name of a role, as the table's constraint has it. */
export const roleNameRule = z
  .string()
  .refine((value) => /^[a-z0-9][a-z0-9:._-]{0,62}$/.test(value), {
    message: 'A name has 1 to 63 characters: a-z, 0-9, colon, dot, underscore and dash.',
  });

/** Many more than a person or an application has use for. */
const MAX_NAMES = 100;

/** A list of names without repetitions. */
function namesOf(item: z.ZodType<string, string>, noun: string) {
  return z
    .array(item)
    .refine((names) => names.length <= MAX_NAMES, {
      message: `There can be at most ${MAX_NAMES} ${noun}.`,
    })
    .transform((names) => [...new Set(names)]);
}

/** Names of roles. */
export const roleNamesRule = namesOf(roleNameRule, 'roles');

/** The application's own permissions, which mean nothing here. */
export const permissionsRule = namesOf(
  z.string().refine((value) => /^[a-z0-9:._-]{1,128}$/.test(value), {
    message: 'A permission has 1 to 128 characters: a-z, 0-9, colon, dot, underscore and dash.',
  }),
  'permissions',
);

/** One line of visible text. */
function line(most: number) {
  return z
    .string()
    .refine((value) => value.isWellFormed() && isOneLine(value), {
      message: 'This must be one line without control characters.',
    })
    .transform((value) => value.trim())
    .refine((value) => isVisible(value) && [...value].length <= most, {
      message: `This must have 1 to ${most} characters.`,
    });
}

/** The name of a token. */
export const tokenNameRule = line(100);

/** What a role is for. */
export const descriptionRule = line(500);

/** Why an administrator acts, for the audit log. */
export const reasonRule = line(500);

/**
 * The id of a person in another system. Two ids must differ in what people see, and an id with white space around it was
 * copied wrongly: both are refused rather than mended, because the other system compares byte by byte.
 */
export const externalIdRule = z
  .string()
  .refine(
    (value) =>
      value.isWellFormed() &&
      [...value].length <= 255 &&
      value === value.trim() &&
      isVisible(value) &&
      isOneLine(value) &&
      !hasUnseenCharacters(value),
    { message: 'This must be 1 to 255 visible characters, without spaces around them.' },
  );

/** Ids without repetitions. */
export const idsRule = z
  .array(idRule)
  .refine((ids) => ids.length <= MAX_NAMES, { message: `There can be at most ${MAX_NAMES} ids.` })
  .transform((ids) => [...new Set(ids)]);

/** The IP address of a source, in the form in which limits are counted. */
export const ipAddressRule = z.string().transform((value, context) => {
  const ipAddress = canonicalAddress(value);
  if (ipAddress !== null) return ipAddress;
  context.addIssue({ code: 'custom', message: 'This is not an IP address.' });
  return z.NEVER;
});

/**
 * A moment that every part of the server can store, and a week later, too: an answer with a time in the year 10000 could not
 * be written (RFC 3339).
 */
export const momentRule = z.date().refine((value) => isWithin(value.getUTCFullYear()), {
  message: 'This must be a time from 1970 to 9998.',
});

function isWithin(year: number): boolean {
  return year >= 1970 && year <= 9998;
}

/** The beginning of an email address, as addresses are stored (LG-7). */
export const emailPrefixRule = z
  .string()
  .refine((value) => value.isWellFormed() && !value.includes('\0'), {
    message: 'The text is not well-formed Unicode.',
  })
  .transform((value) => value.trim())
  .refine((value) => value.length > 0 && value.length <= 254, {
    message: 'A prefix must have 1 to 254 characters.',
  })
  .transform(canonicalEmailPrefix);
