import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  groupedBackupCode,
  randomBackupCodes,
  readBackupCode,
} from '../../../src/proofs/backup-code/code.ts';

const random = { bytes: randomBytes };

describe('BC-1: backup codes', () => {
  test('are ten, with 55 random bits each after their position', () => {
    const codes = randomBackupCodes(random);
    expect(codes.map((code) => code.charAt(0)).join('')).toBe('0123456789');
    for (const code of codes) expect(code).toMatch(/^[0-9][0-9A-HJKMNP-TV-Z]{11}$/);
    expect(Math.log2(32 ** 11)).toBeGreaterThanOrEqual(50);
  });

  test('contain every character equally often', () => {
    const counts = new Map<string, number>();
    for (let trial = 0; trial < 1000; trial += 1) {
      for (const char of randomBackupCodes(random).flatMap((code) => [...code.slice(1)])) {
        counts.set(char, (counts.get(char) ?? 0) + 1);
      }
    }
    const expected = (1000 * 110) / 32;
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(32);
    // 31 degrees of freedom: one draw in 17 000 is above 75.
    expect(chi).toBeLessThan(75);
  });

  test('are accepted as shown, in upper or lower case, with blanks, without groups', () => {
    for (const [position, code] of randomBackupCodes(random).entries()) {
      const shown = groupedBackupCode(code);
      expect(shown).toMatch(/^.{4}-.{4}-.{4}$/);
      for (const typed of [shown, shown.toLowerCase(), code, ` ${shown.replaceAll('-', ' ')} `]) {
        expect(readBackupCode(typed)).toEqual({ position, text: code });
      }
    }
  });

  test('accept a look-alike letter as its digit', () => {
    expect(readBackupCode('oIlO-liOL-0000')).toEqual({ position: 0, text: '011011010000' });
  });

  test.each(['', '0', 'A123-4567-89AB', '0123-4567-89AU', '0123-4567-89A', '0123-4567-89ABC'])(
    '%j is not a backup code',
    (text) => {
      expect(readBackupCode(text)).toBeNull();
    },
  );
});
