import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  codeOfStep,
  isAheadOfTime,
  matchStep,
  otpauthUri,
  secretText,
  stepOf,
} from '../../../src/proofs/totp/otp.ts';
import { totpCode } from '../../support/second-factor.ts';

const RFC_SECRET = Buffer.from('12345678901234567890');
const at = (seconds: number) => new Date(seconds * 1000);

describe('TO-1: known answers through our own function', () => {
  test.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [4, '338314'],
    [5, '254676'],
    [6, '287922'],
    [7, '162583'],
    [8, '399871'],
    [9, '520489'],
  ])('RFC 4226 appendix D, counter %i', (counter, code) => {
    expect(codeOfStep(RFC_SECRET, counter)).toBe(code);
  });

  test.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('RFC 6238 appendix B, T=%i', (seconds, code) => {
    expect(codeOfStep(RFC_SECRET, stepOf(at(seconds)))).toBe(code.slice(-6));
    expect(matchStep(RFC_SECRET, code.slice(-6), at(seconds))).toBe(stepOf(at(seconds)));
  });

  test('agrees with manual arithmetic for random secrets and times', () => {
    const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(secrets, fc.integer({ min: 60, max: 4_000_000_000 }), (secret, seconds) => {
        const text = secretText(secret);
        expect(text).toMatch(/^[A-Z2-7]{32}$/);
        expect(totpCode(text, at(seconds))).toBe(codeOfStep(secret, stepOf(at(seconds))));
      }),
    );
  });
});

test('TO-2: one step of tolerance on either side, and no more', () => {
  const now = at(1_700_000_015);
  const current = stepOf(now);
  const accepted = [-3, -2, -1, 0, 1, 2, 3].filter(
    (step) => matchStep(RFC_SECRET, codeOfStep(RFC_SECRET, current + step), now) !== null,
  );
  expect(accepted).toEqual([-1, 0, 1]);
});

test('TO-8: a step ahead of every phone means that the clock was set back', () => {
  const now = at(1_700_000_000);
  expect(isAheadOfTime(stepOf(now) + 1, now)).toBe(false);
  expect(isAheadOfTime(stepOf(now) + 2, now)).toBe(true);
});

test('the key URI names the issuer and the account, whatever they contain', () => {
  const uri = new URL(otpauthUri({ issuer: 'A & B: C', email: 'a+b@c.de', secret: RFC_SECRET }));
  expect(uri.protocol + uri.host).toBe('otpauth:totp');
  expect(decodeURIComponent(uri.pathname.slice(1))).toBe('A & B: C:a+b@c.de');
  expect(uri.searchParams.get('issuer')).toBe('A & B: C');
  expect(uri.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
});
