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
 * An opaque refresh token: session id (16 bytes), secret (32) and tag (16), in base64url after a prefix
 * that secret scanners can search for.
 *
 * The id finds the row without an index on a column that a rotation changes. The tag is an HMAC under a
 * server key. It distinguishes an issued token from a forged one before any query. Only an issued token can prove
 * reuse, so a stranger who knows a session's id can neither end the session nor cause a query (RR-8).
 */
export type RefreshToken = {
  readonly text: string;
  readonly sessionId: string;
  /**
   * SHA-256 of id and secret. The database stores nothing else of the token (RR-1). The tag is left out,
   * so that the database can compute the successor's hash and still no token.
   */
  readonly hash: Buffer;
};

/** Makes the first token of a session, from 256 random bits. */
export function mintRefreshToken(
  deps: { readonly keyring: Keyring; readonly random: Random },
  sessionId: string,
): RefreshToken {
  const [tagKey] = deps.keyring.keys('refresh-token-tag');
  return assemble(tagKey, sessionId, bodyOf(sessionId, deps.random.bytes(SECRET_BYTES)));
}

/** The parts of a session from which its refresh tokens are derived. */
export type RefreshFamily = Pick<Session, 'id' | 'refreshSalt'>;

/** Random bytes for a new session. Without them, no key derives any of the session's tokens. */
export function newRefreshSalt({ random }: { readonly random: Random }): Buffer {
  return random.bytes(SALT_BYTES);
}

/**
 * Derives the token that follows the token with this hash, from the hash, the session's random bytes and
 * a server key. A replay within the window therefore gets the same successor again, although the
 * successor is not stored (RR-5). Applied to the successor's hash, the function gives the next token.
 */
export function successorOf(
  keyring: Keyring,
  family: RefreshFamily,
  hash: Uint8Array,
): RefreshToken {
  return successors(keyring, family, hash)[0];
}

/** The successor under each root secret, newest first: the root secret may rotate within the replay window. */
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
 * Derives the value that a rotation sends to the database. SHA-256 of this value and the session's random
 * bytes is the successor's secret (rotate-store.ts). Neither side alone can derive a token: somebody with
 * the keys and a spent token lacks the random bytes, and somebody with the database lacks the key and the
 * tag (RR-14).
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
 * The largest number of lost rotations that an adoption accepts. It corresponds to half a minute of refreshes
 * at the rate that the limit allows (RL-14), which is as long as a failover takes.
 */
const MOST_STEPS = 32;

/**
 * Counts the rotations between the stored hash and a newer token. A newer token exists only if the database
 * has lost commits, because a successor leaves the server only after the commit that stored it (RR-15).
 *
 * Each root secret is tried separately. While a new root secret is being introduced, a session may lose
 * rotations under two root secrets. The token of such a session is not found.
 *
 * @returns null if the token does not follow within {@link MOST_STEPS}
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

/** @returns null for any text that this server did not issue */
export function parseRefreshToken(keyring: Keyring, text: string): RefreshToken | null {
  if (!TOKEN.test(text)) return null;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  // The last character of 64 bytes has 4 unused bits: a token has one spelling only (TK-7).
  if (PREFIX + bytes.toString('base64url') !== text) return null;
  const body = bytes.subarray(0, ID_BYTES + SECRET_BYTES);
  const tag = bytes.subarray(ID_BYTES + SECRET_BYTES);
  const genuine = keyring
    .keys('refresh-token-tag')
    .some((key) => equal(hmac(key, body).subarray(0, TAG_BYTES), tag));
  return genuine ? { text, sessionId: idOf(body), hash: sha256(body) } : null;
}

/** The id and the secret of the token that a derivation gives. */
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
