import { countCodePoints, fold } from './normalize.ts';

/** The owner of the password and the service: words that a targeted attacker tries first (PW-8). */
export type PasswordContext = {
  readonly email?: string;
  readonly name?: string | null;
  readonly serviceName: string;
};

/** Shorter words appear in too many others by chance. */
const MIN_WORD = 4;

/** With this many other letters and digits, a password is more than the words. */
const MIN_REST = 6;

/**
 * True if a password is little more than words that its owner is known by: without the local part of the email
 * address, the parts of it and of the name, and the service's name, fewer than six letters or digits remain. So
 * `alice2026!` is rejected for alice@example.com, while a sentence with her name in it is not. Case, width and
 * punctuation do not hide a word.
 */
export function containsPersonalData(password: string, context: PasswordContext): boolean {
  const squashed = squash(password);
  const found = wordsOf(context).filter((word) => squashed.includes(word));
  if (found.length === 0) return false;
  // A space replaces the word; otherwise its neighbors could form another one.
  const rest = found.reduce((text, word) => text.replaceAll(word, ' '), squashed);
  return countCodePoints(rest.replaceAll(' ', '')) < MIN_REST;
}

/** Longest first; otherwise "alice" would break up "alicesmith". */
function wordsOf({ email = '', name, serviceName }: PasswordContext): string[] {
  const localPart = email.slice(0, Math.max(0, email.lastIndexOf('@')));
  const words = [localPart, name ?? '', serviceName].flatMap((text) => [
    squash(text),
    ...fold(text)
      .split(/[^\p{L}\p{M}\p{N}]+/u)
      .map(squash),
  ]);
  return Array.from(new Set(words))
    .filter((word) => countCodePoints(word) >= MIN_WORD)
    .sort((a, b) => b.length - a.length);
}

function squash(text: string): string {
  return fold(text).replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}
