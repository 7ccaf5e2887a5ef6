import { InvalidPasskeyError } from './errors.ts';

/**
 * Reads base64url without padding. Only the canonical text of the bytes is accepted, so that the same proof
 * has no second spelling (RFC 4648 3.5).
 *
 * @returns null for any other text
 */
export function readBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/**
 * Reads a field of what an authenticator answered.
 *
 * @throws InvalidPasskeyError unless it is canonical base64url and not empty
 */
export function readField(text: string): Buffer {
  const bytes = readBase64url(text);
  if (!bytes?.length) throw new InvalidPasskeyError('malformed');
  return bytes;
}

/** Writes bytes as base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
