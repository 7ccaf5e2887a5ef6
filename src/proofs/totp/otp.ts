import { generateSync, generateURI, ScureBase32Plugin } from 'otplib';
import { equal } from '../../kernel/secret.ts';
import { readDigits } from '../../kernel/unicode.ts';

/** RFC 4226 section 4 R6 recommends 160 bits (TO-2). */
export const SECRET_BYTES = 20;

const PERIOD_SECONDS = 30;

/** How far a phone's clock may differ, in steps (RFC 6238 5.2). */
const TOLERANCE = 1;

const DIGITS = 6;
const base32 = new ScureBase32Plugin();

/** The time step that contains a moment. */
export function stepOf(moment: Date): number {
  return Math.floor(moment.getTime() / 1000 / PERIOD_SECONDS);
}

/** The HOTP of a counter (RFC 4226), 6 digits, SHA-1: what every authenticator app computes. */
export function codeOfStep(secret: Uint8Array, step: number): string {
  return generateSync({
    strategy: 'hotp',
    secret,
    counter: step,
    digits: DIGITS,
    algorithm: 'sha1',
  });
}

/** A typed code in the form that the library accepts: exactly six ASCII digits, otherwise null (TO-9). */
export function readTotpCode(typed: string): string | null {
  return readDigits(typed, DIGITS);
}

/**
 * The step that a code belongs to, within the tolerance around a moment; the newest one if two steps share the
 * code. Whether the step may still be used is not decided here (TO-3).
 */
export function matchStep(secret: Uint8Array, code: string, now: Date): number | null {
  const current = stepOf(now);
  const presented = Buffer.from(code);
  let matched: number | null = null;
  for (let step = Math.max(0, current - TOLERANCE); step <= current + TOLERANCE; step += 1) {
    if (equal(Buffer.from(codeOfStep(secret, step)), presented)) matched = step;
  }
  return matched;
}

/** True if a step lies further ahead than any phone's clock may be: this server's clock was set back (TO-8). */
export function isAheadOfTime(step: number, now: Date): boolean {
  return step > stepOf(now) + TOLERANCE;
}

/** The secret in the form in which a person types it. */
export function secretText(secret: Uint8Array): string {
  return base32.encode(secret, { padding: false });
}

/** The key URI that an authenticator app reads from the QR code. */
export function otpauthUri(about: {
  readonly issuer: string;
  readonly email: string;
  readonly secret: Uint8Array;
}): string {
  return generateURI({
    issuer: about.issuer,
    label: about.email,
    secret: secretText(about.secret),
  });
}
