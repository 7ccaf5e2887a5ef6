import type { Random } from '../kernel/ports.ts';
import { sha256 } from '../kernel/secret.ts';

/** Scanners for leaked secrets recognize the tokens by it. */
const PREFIX = 'lki_';

const BYTES = 32;

const TOKEN = /^lki_[A-Za-z0-9_-]{43}$/;

/** The token of a new invitation. Only the mail has it, and the database its hash. */
export function createInvitationToken({ random }: { readonly random: Random }): string {
  return PREFIX + random.bytes(BYTES).toString('base64url');
}

/** True for a text in the form of the token of an invitation. No token of another purpose has it. */
export function isInvitationToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The stored form of a token. A fast hash is enough, because nobody can guess 256 random bits. */
export function hashInvitationToken(text: string): Buffer {
  return sha256(text);
}
