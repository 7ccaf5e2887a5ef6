/** Characters that are invisible, or that change the order in which the rest is displayed (Unicode TR 36). */
const UNSEEN = '\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}';

/**
 * Formatting that reorders the surrounding text: embeddings, overrides and isolates. A name does not need them.
 * The marks LRM, RLM and ALM and the joiners do belong to names in some scripts.
 */
const REORDERING = '\\u202A-\\u202E\\u2066-\\u2069';

const HAS_UNSEEN = new RegExp(`[${UNSEEN}]`, 'u');
const IS_ONE_LINE = new RegExp(`^[^\\p{Cc}\\p{Zl}\\p{Zp}${REORDERING}]*$`, 'u');
const REORDERING_MARKS = new RegExp(`[${REORDERING}]`, 'gu');

/** U+2800 BRAILLE PATTERN BLANK and U+1D159 MUSICAL SYMBOL NULL NOTEHEAD are symbols without ink. */
const VISIBLE = new RegExp(`(?![${UNSEEN}\\u2800\\u{1D159}])[\\p{L}\\p{N}\\p{P}\\p{S}]`, 'u');

/**
 * Characters that may surround the digits of a code: white space, dashes, control characters and invisible
 * characters.
 */
const AROUND_CODES = new RegExp(`[\\s\\p{Z}\\p{Pd}\\u2212\\p{Cc}${UNSEEN}]`, 'gu');

/** What a terminal may obey, or what hides where a line or a text ends. The joiners belong to names and to emoji. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\uFEFF]/gu;

/** True for a text that would look the same without these characters. */
export function hasUnseenCharacters(text: string): boolean {
  return HAS_UNSEEN.test(text);
}

/** True if at least one character of the text is visible: `U+3164` alone is not. */
export function isVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/** True for one line without control characters and without formatting that reorders the surrounding text. */
export function isOneLine(text: string): boolean {
  return IS_ONE_LINE.test(text);
}

/**
 * The text with control characters as JSON writes them: `\u001b`. A terminal obeys the sequences that begin with ESC or
 * CSI: they move the cursor, hide what was printed, or make the terminal type a command. JSON stays the same JSON.
 */
export function escapeControls(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The text without formatting that reorders the surrounding text. */
export function withoutReordering(text: string): string {
  return text.replace(REORDERING_MARKS, '');
}

/**
 * The canonical spelling of any code (TO-9): NFKC, for the full-width digits of a Japanese keyboard, without
 * the separators and invisible characters that apps, mail programs and copying add.
 */
export function normalizeCode(typed: string): string {
  return typed.normalize('NFKC').replace(AROUND_CODES, '');
}

/** @returns the digits of a numeric code that a person typed; null unless there are exactly `count` */
export function readDigits(typed: string, count: number): string | null {
  const code = normalizeCode(typed);
  return code.length === count && /^[0-9]+$/.test(code) ? code : null;
}
