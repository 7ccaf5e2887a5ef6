import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { randomCode } from '../../../src/proofs/one-time-token/code.ts';

test('EO-1: 100,000 codes have every digit equally often, in every position', () => {
  const counts = Array.from({ length: 8 }, () => Array<number>(10).fill(0));
  const codes = 100_000;
  for (let drawn = 0; drawn < codes; drawn += 1) {
    const code = randomCode({ bytes: randomBytes });
    expect(code).toMatch(/^\d{8}$/);
    for (const [place, digits] of counts.entries()) {
      const digit = Number(code[place]);
      digits[digit] = (digits[digit] ?? 0) + 1;
    }
  }
  const expected = codes / 10;
  for (const digits of counts) {
    const chiSquare = digits.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // Nine degrees of freedom: an honest run is above this once in 100,000 times.
    expect(chiSquare).toBeLessThan(39.3);
  }
});

test('EO-1: a draw above the last full range is discarded; otherwise low codes would be likelier', () => {
  const draws = [0xff_ff_ff_ff, 4_200_000_000, 4_199_999_999];
  const random = {
    bytes: () => {
      const drawn = Buffer.alloc(4);
      drawn.writeUInt32BE(draws.shift() ?? 0);
      return drawn;
    },
  };
  expect(randomCode(random)).toBe('99999999');
  expect(draws).toEqual([]);
});
