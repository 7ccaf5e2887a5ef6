import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emailRule, nameRule, readName } from '../../src/graphql/inputs.ts';

describe('LG-7: an address of autofill or a paste', () => {
  test.each([
    ' ada@example.com',
    'ada@example.com ',
    '\tAda@Example.com\r\n',
    '\u00A0ada@example.com\u3000',
    '\uFEFFada@example.com',
  ])('is taken without the spaces around it: %j', (typed) => {
    expect(emailRule.parse(typed)).toBe('ada@example.com');
  });

  test.each(['ada @example.com', 'ada@ example.com', 'ada@example.com b@example.com', ' '])(
    'is refused with a space inside: %j',
    (typed) => {
      expect(emailRule.safeParse(typed).success).toBe(false);
    },
  );
});

describe('LG-11: a name', () => {
  test.each(['', ' ', '\u00A0\t'])('that is blank is no name: %j', (typed) => {
    expect(readName(nameRule.parse(typed))).toBeNull();
  });

  test('that is left out stays left out, and null stays null', () => {
    expect(readName(undefined)).toBeUndefined();
    expect(readName(null)).toBeNull();
  });

  test('is trimmed, and has 200 characters at most', () => {
    expect(readName(nameRule.parse('  Ada '))).toBe('Ada');
    expect(nameRule.safeParse('😀'.repeat(200)).success).toBe(true);
    expect(nameRule.safeParse('😀'.repeat(201)).success).toBe(false);
  });

  test.each(['\u3164', '\u200B', '\u2800', 'Ada\u202E', 'Ada\u2069', 'Ada\nBob', 'Ada\u2028Bob'])(
    'that looks like none or moves what is beside it is refused: %j',
    (typed) => {
      expect(nameRule.safeParse(typed).success).toBe(false);
    },
  );

  test('that is accepted is visible and holds no character that reorders its surroundings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (typed) => {
        const parsed = nameRule.safeParse(typed);
        if (!parsed.success || parsed.data === '') return;
        expect(parsed.data).toMatch(/[\p{L}\p{N}\p{P}\p{S}]/u);
        expect(parsed.data).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u2028\u2029]/u);
        expect(nameRule.parse(parsed.data)).toBe(parsed.data);
      }),
      { numRuns: 3000 },
    );
  });
});
