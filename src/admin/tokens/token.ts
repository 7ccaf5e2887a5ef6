import type { Random } from '../../kernel/ports.ts';
import { sha256 } from '../../kernel/secret.ts';

/** Scanners for leaked secrets recognize the tokens by it. */
const PREFIX = 'lka_';

/** 256 bits (AD-5). */
const BYTES = 32;

const TOKEN = /^lka_[A-Za-z0-9_-]{43}$/;

/** A new admin token. */
export function createAdminTokenText({ random }: { readonly random: Random }): string {
  return PREFIX + random.bytes(BYTES).toString('base64url');
}

/** True for a text in the form of an admin token. An access token, a JWT, never has it. */
export function isAdminToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The stored form of a token. A fast hash is enough, because nobody can guess 256 random bits. */
export function hashAdminToken(text: string): Buffer {
  return sha256(text);
}
