import type { Random } from '../../kernel/ports.ts';
import { normalizeCode } from '../../kernel/unicode.ts';

/** The number of codes in a set. */
const SET_SIZE = 10;

/** Crockford's base 32. It has no I, L, O or U, so no character is read as another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 11 characters of 5 bits: 55 random bits after the position (BC-1). */
const RANDOM_CHARACTERS = 11;

const CODE = /^[0-9][0-9A-HJKMNP-TV-Z]{11}$/;

/** A typed code in its canonical spelling. */
export type BackupCodeText = { readonly position: number; readonly text: string };

/** A new set, in the spelling that is hashed. Each code begins with its position in the set. */
export function randomBackupCodes(random: Random): string[] {
  return Array.from({ length: SET_SIZE }, (_, position) => {
    const drawn = random.bytes(RANDOM_CHARACTERS);
    // 256 is a multiple of 32, so the low five bits of a random byte are uniform too.
    return String(position) + [...drawn].map((byte) => ALPHABET.charAt(byte & 31)).join('');
  });
}

/** The spelling that is shown: `3K7Q-9MZ2-W0RT`. */
export function groupedBackupCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * Parses a typed code: in upper or lower case, with or without the groups, and with letters that look like a
 * digit read as that digit.
 *
 * @returns null for text that is not a backup code
 */
export function readBackupCode(typed: string): BackupCodeText | null {
  const code = normalizeCode(typed).toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return CODE.test(code) ? { position: Number(code.charAt(0)), text: code } : null;
}
