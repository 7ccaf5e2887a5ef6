import type { Keyring } from '../kernel/keyring.ts';
import type { Random } from '../kernel/ports.ts';
import { equal, hmac, sha256 } from '../kernel/secret.ts';

const PREFIX = 'lkr_';
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
const ID_BYTES = 16;
const TOKEN = /^lkr_[A-Za-z0-9_-]{86}$/;

/**
 * An opaque refresh token: session id (16 bytes), secret (32), tag (16), in base64url behind a
 * prefix that secret scanners can search for.
 *
 * The id makes the row findable without an index on anything a rotation changes. The tag, an HMAC
 * under a server key, tells a token that was really issued from a forged one before the database
 * is asked: only an issued token can prove reuse, so a stranger who knows a session's id can
 * neither end it nor cost a query (RR-8).
 */
export type RefreshToken = {
  readonly text: string;
  readonly sessionId: string;
  /** SHA-256 of the text: all the database ever holds (RR-1). */
  readonly hash: Buffer;
};

/** A first token of a session, from 256 random bits. */
export function mintRefreshToken(
  deps: { readonly keyring: Keyring; readonly random: Random },
  sessionId: string,
): RefreshToken {
  const [tagKey] = deps.keyring.keys('refresh-token-tag');
  return assemble(tagKey, sessionId, deps.random.bytes(SECRET_BYTES));
}

/**
 * The token that follows the one with this hash: a function of the hash and a server key, so that
 * a replay inside the window is answered with the very same successor without storing it (RR-5).
 */
export function successorOf(keyring: Keyring, sessionId: string, hash: Uint8Array): RefreshToken {
  return successors(keyring, sessionId, hash)[0];
}

/** The successor under each root secret, newest first: a replay may span a rotation of them. */
export function successors(
  keyring: Keyring,
  sessionId: string,
  hash: Uint8Array,
): readonly [RefreshToken, ...RefreshToken[]] {
  const [tagKey, ...olderTagKeys] = keyring.keys('refresh-token-tag');
  const [key, ...olderKeys] = keyring.keys('refresh-token-successor');
  const older = olderKeys.map((olderKey, index) =>
    assemble(olderTagKeys[index] ?? tagKey, sessionId, hmac(olderKey, sessionId, hash)),
  );
  return [assemble(tagKey, sessionId, hmac(key, sessionId, hash)), ...older];
}

/** @returns the token, or null for anything this server did not issue */
export function parseRefreshToken(keyring: Keyring, text: string): RefreshToken | null {
  if (!TOKEN.test(text)) return null;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  // The last character of 64 bytes carries 4 unused bits: one token, one spelling (TK-7).
  if (PREFIX + bytes.toString('base64url') !== text) return null;
  const body = bytes.subarray(0, ID_BYTES + SECRET_BYTES);
  const tag = bytes.subarray(ID_BYTES + SECRET_BYTES);
  const genuine = keyring
    .keys('refresh-token-tag')
    .some((key) => equal(hmac(key, body).subarray(0, TAG_BYTES), tag));
  return genuine ? { text, sessionId: idOf(body), hash: sha256(text) } : null;
}

function assemble(tagKey: Buffer, sessionId: string, secret: Buffer): RefreshToken {
  const body = Buffer.concat([Buffer.from(sessionId.replaceAll('-', ''), 'hex'), secret]);
  const tag = hmac(tagKey, body).subarray(0, TAG_BYTES);
  const text = PREFIX + Buffer.concat([body, tag]).toString('base64url');
  return { text, sessionId, hash: sha256(text) };
}

function idOf(body: Buffer): string {
  const hex = body.toString('hex', 0, ID_BYTES);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
