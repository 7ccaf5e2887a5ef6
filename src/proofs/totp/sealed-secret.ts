import type { Keyring } from '../../kernel/keyring.ts';

/** A secret only opens for its own person: copied to another person's row, it cannot be opened (TO-5). */
export function sealedContext(userId: string): string {
  return `totp:${userId}`;
}

/**
 * @throws UnsealError if it was sealed for somebody else, or with a root secret that is no longer configured
 */
export function openTotpSecret(keyring: Keyring, userId: string, sealed: Uint8Array): Buffer {
  return keyring.open(sealed, sealedContext(userId));
}

/** Seals a secret for its person, with the newest root secret. */
export function sealTotpSecret(keyring: Keyring, userId: string, secret: Uint8Array): Buffer {
  return keyring.seal(secret, sealedContext(userId));
}
