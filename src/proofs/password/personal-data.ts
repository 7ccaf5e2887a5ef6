import { countCodePoints, fold } from './normalize.ts';

/** Whose password it is, and where: words an attacker who aims at one person tries first (PW-8). */
export type PasswordContext = {
  readonly email?: string;
  readonly name?: string | null;
  readonly serviceName: string;
};

/** Shorter words stand in too many others by chance. */
const MIN_WORD = 4;

/** Letters and digits beside the words from which on a password is more than the words. */
const MIN_REST = 6;

/**
 * True when a password is little more than words its owner is known by: taking out the email's
 * local part, the parts of it and of the name, and the service's name leaves fewer than six
 * letters or digits. So `alice2026!` is refused to alice@example.com, while a sentence with her
 * name in it is not. Case, width and punctuation do not hide a word.
 */
export function containsPersonalData(password: string, context: PasswordContext): boolean {
  const squashed = squash(password);
  const found = wordsOf(context).filter((word) => squashed.includes(word));
  if (found.length === 0) return false;
  // A space in a word's place, or its neighbors could make up another one.
  const rest = found.reduce((text, word) => text.replaceAll(word, ' '), squashed);
  return countCodePoints(rest.replaceAll(' ', '')) < MIN_REST;
}

/** Longest first, or "alice" would break up "alicesmith". */
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
