import type { Random } from '../kernel/ports.ts';
import { sha256 } from '../kernel/secret.ts';

/** Scanners for leaked secrets recognize the tokens by it. */
const PREFIX = 'lkh_';

/** 256 bits. */
const BYTES = 32;

/** A new handover token. */
export function createHandoverToken({ random }: { readonly random: Random }): string {
  return PREFIX + random.bytes(BYTES).toString('base64url');
}

/** The stored form of a handover token. A fast hash is enough, because nobody can guess 256 random bits. */
export function hashHandoverToken(text: string): Buffer {
  return sha256(text);
}
