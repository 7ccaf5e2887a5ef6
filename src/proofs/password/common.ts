import type { Blocklist } from './blocklist.ts';
import { countCodePoints, fold } from './normalize.ts';

/** The longest text around a listed word that adds almost no strength: a year and two signs. */
const MAX_DIGITS = 4;
const MAX_SIGNS = 2;

/** A repeated unit this short is found as quickly as the unit alone. */
const MAX_TRIVIAL_UNIT = 4;

const SUBSTITUTIONS: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

/**
 * True for a listed password and for the variants that guessing tools try first (PW-8): another case,
 * characters instead of letters (p@ssw0rd), a year or a listed number around it (Summer2024!, password123456),
 * or a repeated short or listed unit (abcabcabc, passwordpassword).
 */
export function isCommon(password: string, blocklist: Blocklist): boolean {
  const folded = fold(password);
  const unit = repeatedUnit(folded);
  if (unit !== null && countCodePoints(unit) <= MAX_TRIVIAL_UNIT) return true;
  return [folded, ...stems(folded, blocklist), ...(unit === null ? [] : [unit])]
    .flatMap(spellings)
    .some((form) => blocklist.has(form));
}

/**
 * The words that remain without the cheap characters around the letters: first without those at the end, then
 * without those at both ends.
 */
function stems(folded: string, blocklist: Blocklist): string[] {
  const [, word, tail] = /^(.*\p{L})(\P{L}+)$/su.exec(folded) ?? ['', folded, ''];
  const [, head, inner] = /^(\P{L}+)(\p{L}.*)$/su.exec(word ?? '') ?? [];
  const isCheap = (affix: string) => {
    const digits = affix.replace(/\D/g, '');
    const signs = countCodePoints(affix) - digits.length;
    return signs <= MAX_SIGNS && (digits.length <= MAX_DIGITS || blocklist.has(digits));
  };
  if (!word || !isCheap(tail ?? '')) return [];
  return inner && isCheap(`${head}${tail}`) ? [word, inner] : [word];
}

/** "1" stands for both i and l. */
function spellings(form: string): string[] {
  const plain = form.replace(/[@43!0$57]/g, (sign) => SUBSTITUTIONS[sign] ?? sign);
  return [form, plain.replaceAll('1', 'i'), plain.replaceAll('1', 'l')];
}

function repeatedUnit(text: string): string | null {
  return /^(.+?)\1+$/su.exec(text)?.[1] ?? null;
}
