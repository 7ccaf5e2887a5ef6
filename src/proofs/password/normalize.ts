/** PW-6: counted in code points after normalization. A longer password is refused, never truncated. */
export const MAX_CODE_POINTS = 256;

/** PW-6: a code point has at most four bytes of UTF-8, so the cap above implies this one. */
const MAX_BYTES = 4 * MAX_CODE_POINTS;

/**
 * The one form of a password that is measured, looked up and hashed: NFKC, so that "é" typed on two keyboards
 * is one password. Nothing is trimmed, and case is kept (PW-7).
 *
 * @returns null above the cap. A megabyte is refused by its length alone, before any work (PW-6)
 */
export function normalizePassword(password: string): string | null {
  // A UTF-16 unit takes at least one byte of UTF-8.
  if (password.length > MAX_BYTES) return null;
  const text = password.normalize('NFKC');
  return countCodePoints(text) <= MAX_CODE_POINTS ? text : null;
}

/** The length as a person usually counts it, and as NIST SP 800-63B counts it (PW-6). */
export function countCodePoints(text: string): number {
  return Array.from(text).length;
}

/** The form in which passwords are compared with lists and words: without case and width. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
