import type { Random } from '../../kernel/ports.ts';
import { normalizeCode } from '../../kernel/unicode.ts';

/** How many codes a set has. */
const SET_SIZE = 10;

/** Crockford's base 32: no I, L, O or U, so nothing is read as something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 11 characters of 5 bits: 55 random bits behind the position (BC-1). */
const RANDOM_CHARACTERS = 11;

const CODE = /^[0-9][0-9A-HJKMNP-TV-Z]{11}$/;

/** A code as it was typed, in its one spelling. */
export type BackupCodeText = { readonly position: number; readonly text: string };

/** A new set, in the spelling that is hashed. A code begins with its position in the set. */
export function randomBackupCodes(random: Random): string[] {
  return Array.from({ length: SET_SIZE }, (_, position) => {
    const drawn = random.bytes(RANDOM_CHARACTERS);
    // 256 is a multiple of 32: the low five bits of a byte are as even as the byte.
    return String(position) + [...drawn].map((byte) => ALPHABET.charAt(byte & 31)).join('');
  });
}

/** As it is shown: `3K7Q-9MZ2-W0RT`. */
export function groupedBackupCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * Reads what a person typed: in any case, with or without the groups, and with the letters that
 * look like a digit as that digit.
 *
 * @returns null when it is no backup code
 */
export function readBackupCode(typed: string): BackupCodeText | null {
  const code = normalizeCode(typed).toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return CODE.test(code) ? { position: Number(code.charAt(0)), text: code } : null;
}
