/** PW-6: counted in code points after normalization. Above it a password is refused, never cut. */
export const MAX_CODE_POINTS = 256;

/** PW-6: four bytes of UTF-8 for each code point at most, so the cap above implies this one. */
const MAX_BYTES = 4 * MAX_CODE_POINTS;

/**
 * The one form of a password that is measured, looked up and hashed: NFKC, so that "é" typed on
 * two keyboards is one password. Nothing is trimmed and case is kept (PW-7).
 *
 * @returns null over the cap. A megabyte is told by its length alone, before any work (PW-6).
 */
export function normalizePassword(password: string): string | null {
  // A UTF-16 unit takes one byte of UTF-8 at least.
  if (password.length > MAX_BYTES) return null;
  const text = password.normalize('NFKC');
  return countCodePoints(text) <= MAX_CODE_POINTS ? text : null;
}

/** Length as a person would count it most of the time, and as NIST SP 800-63B counts (PW-6). */
export function countCodePoints(text: string): number {
  return Array.from(text).length;
}

/** The form in which passwords are compared with lists and words: case and width do not help. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
