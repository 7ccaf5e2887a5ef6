import type { z } from 'zod';
import { isPlaceholder } from './placeholder.ts';
import { listOf, reading } from './schemas.ts';

/** The length of a root secret: 256 bits (CF-1). */
export const KEY_BYTES = 32;

const ADVICE = 'generate one with: openssl rand -base64 32';

/** 32 random bytes have about 30 different values, and fewer than 16 once in 10^11 cases. */
const LEAST_DIFFERENT_BYTES = 16;

/**
 * One root secret. Hexadecimal text is also valid base64, of bytes with only 5.3 random bits each, so
 * that a 128-bit key in hexadecimal would look like a longer one. Hexadecimal text is refused.
 */
const secretKey: z.ZodType<Buffer> = reading((text, refuse) => {
  if (isPlaceholder(text)) return refuse(`is a placeholder; ${ADVICE}`);
  if (/^[0-9a-f]+$/i.test(text)) return refuse(`is not base64 but hexadecimal; ${ADVICE}`);
  const bytes = Buffer.from(text, 'base64');
  if (canonical(text) !== canonical(bytes.toString('base64'))) {
    return refuse(`is not base64; ${ADVICE}`);
  }
  if (bytes.length < KEY_BYTES) return refuse(`is shorter than ${KEY_BYTES} bytes; ${ADVICE}`);
  return bytes;
});

/** SECRET_KEYS: one key or more, newest first. */
export const secretKeys: z.ZodType<readonly [Buffer, ...Buffer[]]> = reading((text, refuse) => {
  const result = listOf(secretKey).safeParse(text);
  if (!result.success) return refuse(result.error.issues.map((issue) => issue.message).join('; '));
  const [newest, ...older] = result.data;
  return newest ? [newest, ...older] : refuse(`holds no key; ${ADVICE}`);
});

/** In production, bytes that follow a pattern or spell a text are rejected as a key (CF-1). */
export function weakKeyRule(keys: readonly Uint8Array[]): string | null {
  const rules = keys.flatMap((key, index) =>
    isWeak(key)
      ? [`entry ${index + 1} is not random bytes but a text or a pattern; ${ADVICE}`]
      : [],
  );
  return rules.length > 0 ? rules.join('; ') : null;
}

function isWeak(key: Uint8Array): boolean {
  const isText = key.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d,
  );
  const isStepping = key.every((_, i) => i < 2 || step(key, i) === step(key, 1));
  const isRepeating = key.every(
    (byte, i) => i < KEY_BYTES / 2 || byte === key[i % (KEY_BYTES / 2)],
  );
  return isText || isStepping || isRepeating || new Set(key).size < LEAST_DIFFERENT_BYTES;
}

/** The difference between a byte and the one before it, modulo 256. */
function step(key: Uint8Array, index: number): number {
  return ((key[index] ?? 0) - (key[index - 1] ?? 0)) & 0xff;
}

function canonical(base64: string): string {
  return base64.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
}
