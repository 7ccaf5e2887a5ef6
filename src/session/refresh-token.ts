import type { Session } from '../db/tables/session.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Random } from '../kernel/ports.ts';
import { equal, hmac, sha256 } from '../kernel/secret.ts';

const PREFIX = 'lkr_';
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
const ID_BYTES = 16;
const SALT_BYTES = 16;
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
  /**
   * SHA-256 of id and secret: all the database ever holds (RR-1). Without the tag, so that the
   * database can make the successor's hash and still no token.
   */
  readonly hash: Buffer;
};

/** A first token of a session, from 256 random bits. */
export function mintRefreshToken(
  deps: { readonly keyring: Keyring; readonly random: Random },
  sessionId: string,
): RefreshToken {
  const [tagKey] = deps.keyring.keys('refresh-token-tag');
  return assemble(tagKey, sessionId, bodyOf(sessionId, deps.random.bytes(SECRET_BYTES)));
}

/** The part of a session that its refresh tokens are derived with. */
export type RefreshFamily = Pick<Session, 'id' | 'refreshSalt'>;

/** Random bytes for a new session: without them no key derives any of its tokens. */
export function newRefreshSalt({ random }: { readonly random: Random }): Buffer {
  return random.bytes(SALT_BYTES);
}

/**
 * The token that follows the one with this hash: a function of the hash, the session's random bytes
 * and a server key, so that a replay inside the window is answered with the very same successor
 * without storing it (RR-5). Applied again to the successor's hash it walks on through the family.
 */
export function successorOf(
  keyring: Keyring,
  family: RefreshFamily,
  hash: Uint8Array,
): RefreshToken {
  return successors(keyring, family, hash)[0];
}

/** The successor under each root secret, newest first: a replay may span a rotation of them. */
export function successors(
  keyring: Keyring,
  family: RefreshFamily,
  hash: Uint8Array,
): readonly [RefreshToken, ...RefreshToken[]] {
  const [tagKey, ...olderTagKeys] = keyring.keys('refresh-token-tag');
  const [newest, ...older] = derivationsOf(keyring, family.id, hash);
  const follow = (key: Buffer, derivation: Buffer) =>
    assemble(key, family.id, bodyAfter(family, derivation));
  return [
    follow(tagKey, newest),
    ...older.map((derivation, index) => follow(olderTagKeys[index] ?? tagKey, derivation)),
  ];
}

/**
 * What a rotation hands to the database, which knows the session's random bytes and no key: SHA-256
 * over this and those bytes is the successor's secret ({@link rotate}). Neither side alone derives a
 * token: whoever has the keys and a spent token lacks the bytes, and whoever has the bytes lacks the
 * key and the tag (RR-14).
 */
export function derivationOf(keyring: Keyring, sessionId: string, hash: Uint8Array): Buffer {
  return derivationsOf(keyring, sessionId, hash)[0];
}

function derivationsOf(
  keyring: Keyring,
  sessionId: string,
  hash: Uint8Array,
): readonly [Buffer, ...Buffer[]] {
  const [newest, ...older] = keyring.keys('refresh-token-successor');
  const derive = (key: Buffer) => hmac(key, sessionId, hash);
  return [derive(newest), ...older.map(derive)];
}

/**
 * So many rotations that the database lost are made up for: half a minute of exchanges at the pace
 * that the limit allows (RL-14), which is as long as a failover takes to be decided.
 */
const MOST_STEPS = 32;

/**
 * How many rotations after the stored hash a token was issued; null when it does not follow within
 * {@link MOST_STEPS}. While commits are never lost nobody holds such a token: a successor leaves the
 * server after the commit that stored it (RR-15).
 *
 * Each root secret is followed by itself. A session that lost rotations under two of them, in the
 * minutes in which a new one is introduced, is not found.
 */
export function stepsAhead(
  keyring: Keyring,
  session: RefreshFamily & Pick<Session, 'refreshHash'>,
  hash: Uint8Array,
): number | null {
  for (const key of keyring.keys('refresh-token-successor')) {
    let current: Uint8Array = session.refreshHash;
    for (let step = 1; step <= MOST_STEPS; step += 1) {
      current = sha256(bodyAfter(session, hmac(key, session.id, current)));
      if (equal(current, hash)) return step;
    }
  }
  return null;
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
  return genuine ? { text, sessionId: idOf(body), hash: sha256(body) } : null;
}

/** Id and secret of the token that a derivation leads to. */
function bodyAfter({ id, refreshSalt }: RefreshFamily, derivation: Buffer): Buffer {
  return bodyOf(id, sha256(Buffer.concat([derivation, refreshSalt])));
}

function bodyOf(sessionId: string, secret: Buffer): Buffer {
  return Buffer.concat([Buffer.from(sessionId.replaceAll('-', ''), 'hex'), secret]);
}

function assemble(tagKey: Buffer, sessionId: string, body: Buffer): RefreshToken {
  const tag = hmac(tagKey, body).subarray(0, TAG_BYTES);
  const text = PREFIX + Buffer.concat([body, tag]).toString('base64url');
  return { text, sessionId, hash: sha256(body) };
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
