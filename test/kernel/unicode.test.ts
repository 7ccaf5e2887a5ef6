import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOneLine, isVisible, normalizeCode, readDigits } from '../../src/kernel/unicode.ts';
import { readBackupCode } from '../../src/proofs/backup-code/code.ts';
import { readTotpCode } from '../../src/proofs/totp/otp.ts';
import { readFactorCode } from '../../src/second-factor/code.ts';

/** How the digits of a code arrive, and what writes them so. */
const SPELLINGS: readonly (readonly [string, (digits: string) => string])[] = [
  ['plain', (digits) => digits],
  ['grouped as an authenticator app shows it', (digits) => digits.replace(/(...)/, '$1 ')],
  ['with a space after it', (digits) => `${digits} `],
  ['with a line break after it', (digits) => `${digits}\r\n`],
  ['with a tab before it', (digits) => `\t${digits}`],
  ['with a no-break space before it', (digits) => `\u00A0${digits}`],
  ['with a narrow no-break space in it', (digits) => digits.replace(/(...)/, '$1\u202F')],
  ['with an ideographic space in it', (digits) => digits.replace(/(...)/, '$1\u3000')],
  ['full-width digits', (digits) => wide(digits)],
  ['full-width digits with a full-width dash', (digits) => wide(digits).replace(/(...)/, '$1－')],
  ['with a hyphen', (digits) => digits.replace(/(....)/, '$1-')],
  ['with a non-breaking hyphen', (digits) => digits.replace(/(....)/, '$1\u2011')],
  ['with an en dash', (digits) => digits.replace(/(....)/, '$1\u2013')],
  ['with a minus sign', (digits) => digits.replace(/(....)/, '$1\u2212')],
  ['with a soft hyphen', (digits) => digits.replace(/(....)/, '$1\u00AD')],
  ['with a zero-width space before it', (digits) => `\u200B${digits}`],
  ['with a left-to-right mark after it', (digits) => `${digits}\u200E`],
  ['with a byte order mark before it', (digits) => `\uFEFF${digits}`],
  ['between isolating characters', (digits) => `\u2068${digits}\u2069`],
  ['with a variation selector after each digit', (digits) => digits.replace(/./g, '$&\uFE0F')],
  ['with a word joiner and NUL', (digits) => `\u2060${digits}\u0000`],
];

/** Texts that are not a code of that many digits, in any spelling. */
const MALFORMED: readonly (readonly [string, (digits: string) => string])[] = [
  ['one digit too few', (digits) => digits.slice(1)],
  ['one digit too many', (digits) => `${digits}0`],
  ['nothing', () => ''],
  ['separators alone', () => ' -\u200B '],
  ['a letter among the digits', (digits) => `a${digits.slice(1)}`],
  ['the letter O for a zero', (digits) => `O${digits.slice(1)}`],
  ['a sign in the place of a digit', (digits) => `+${digits.slice(1)}`],
  ['Arabic-Indic digits', (digits) => shifted(digits, 0x0660)],
  ['Devanagari digits', (digits) => shifted(digits, 0x0966)],
  ['two codes', (digits) => `${digits} ${digits}`],
];

function wide(text: string): string {
  return shifted(text, 0xff10);
}

function shifted(text: string, zero: number): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(zero + Number(digit)));
}

const TOTP = '123456';
const MAILED = '12345678';
const BACKUP = '3K7Q9MZ2W0RT';

describe('TO-9: a code', () => {
  test.each(SPELLINGS)('%s is the code', (_spelling, spell) => {
    expect(readTotpCode(spell(TOTP))).toBe(TOTP);
    expect(readFactorCode('EMAIL', spell(MAILED))).toEqual({ method: 'EMAIL', code: MAILED });
    expect(readDigits(spell(MAILED), 8)).toBe(MAILED);
    expect(readBackupCode(spell(BACKUP).toLowerCase())).toEqual({ position: 3, text: BACKUP });
  });

  test.each(MALFORMED)('%s is not a code', (_fault, spell) => {
    expect(readTotpCode(spell(TOTP))).toBeNull();
    expect(readFactorCode('EMAIL', spell(MAILED))).toBeNull();
  });

  test('in any spelling is read the same again, and never as other digits', () => {
    const digits = fc.stringMatching(/^[0-9]{8}$/);
    const around = fc.string({
      unit: fc.constantFrom(
        ' ',
        '\t',
        '\u00A0',
        '-',
        '\u2011',
        '\u2014',
        '\u200B',
        '\u200F',
        '\u2066',
      ),
      maxLength: 3,
    });
    fc.assert(
      fc.property(digits, fc.array(around, { minLength: 9, maxLength: 9 }), (code, between) => {
        const typed = between.map((text, index) => text + code.charAt(index)).join('');
        expect(readDigits(typed, 8)).toBe(code);
        expect(normalizeCode(normalizeCode(typed))).toBe(code);
      }),
    );
  });

  test('from any text has exactly the requested number of ASCII digits, or is null', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom('1', '９', '²', '①', '⒈', '㈠', '½', '٣', ' '),
        maxLength: 9,
      }),
    );
    fc.assert(
      fc.property(texts, (typed) => {
        const code = readDigits(typed, 6);
        if (code !== null) expect(code).toMatch(/^[0-9]{6}$/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('LG-11: a name', () => {
  test.each([
    ['U+3164 HANGUL FILLER', '\u3164'],
    ['U+115F and U+1160, Hangul fillers', '\u115F\u1160'],
    ['U+FFA0 HALFWIDTH HANGUL FILLER', '\uFFA0'],
    ['U+2800 BRAILLE PATTERN BLANK', '\u2800'],
    ['U+1D159 MUSICAL SYMBOL NULL NOTEHEAD', '\u{1D159}'],
    ['zero-width characters', '\u200B\u200C\u200D\u2060\uFEFF'],
    ['bidi controls', '\u202E\u2066\u2069\u061C'],
    ['variation selectors', '\uFE0F\u{E0100}\u180B'],
    ['tag characters', '\u{E0041}\u{E0042}'],
    ['combining marks', '\u0301\u034F'],
    ['spaces', ' \u00A0\u2003\u3000'],
    ['private use', '\uE000'],
    ['nothing', ''],
  ])('of %s is not visible', (_what, name) => {
    expect(isVisible(name)).toBe(false);
  });

  test.each(['Ada', '李小龙', 'علی', 'می\u200Cخواهم', 'דָּוִד', '👩\u200D💻', 'X Æ A-12', 'Ø', '-'])(
    'of visible characters is visible: %s',
    (name) => {
      expect(isVisible(name)).toBe(true);
      expect(isOneLine(name)).toBe(true);
    },
  );

  test.each([
    ...'\n\r\u0000\u0085\u2028\u2029\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069',
  ])('with %j is not one self-contained line', (character) => {
    expect(isOneLine(`Ada${character}Lovelace`)).toBe(false);
  });
});
