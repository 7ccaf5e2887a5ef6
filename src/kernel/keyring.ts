import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from './ports.ts';
import { sha256 } from './secret.ts';

/**
 * One label for each purpose: a key that was derived for one use is worthless for another (HKDF, RFC 5869 3.2).
 */
type KeyPurpose =
  | 'seal'
  | 'refresh-token-tag'
  | 'refresh-token-successor'
  | 'one-time-code'
  | 'mfa-challenge'
  | 'device-token'
  | 'password-pepper'
  | 'login-tag'
  | 'account-token'
  | 'rate-limit';

/** The root secrets (SECRET_KEYS), newest first, as derived keys and an AEAD. */
export type Keyring = {
  /** The derived keys of a purpose, newest first. Create with the first key, accept any of them. */
  keys(purpose: KeyPurpose): readonly [Buffer, ...Buffer[]];
  /**
   * AES-256-GCM. `context` is authenticated but not stored, so a value that was copied to another row cannot be
   * opened.
   */
  seal(plaintext: Uint8Array, context: string): Buffer;
  /** @throws UnsealError if no key of the ring opens it in this context */
  open(sealed: Uint8Array, context: string): Buffer;
  /** True if a value was not sealed with the newest key. */
  isStale(sealed: Uint8Array): boolean;
};

/** A sealed value that no configured key opens: SECRET_KEYS is wrong, or the row was moved or altered. */
class UnsealError extends Error {
  override readonly name = 'UnsealError';

  constructor() {
    super('A sealed value could not be opened with the configured SECRET_KEYS.');
  }
}

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** @param secrets root secrets of 32 bytes or more, newest first; at least one */
export function createKeyring(
  secrets: readonly [Uint8Array, ...Uint8Array[]],
  random: Random,
): Keyring {
  const derived = new Map<KeyPurpose, readonly [Buffer, ...Buffer[]]>();
  const derive = (secret: Uint8Array, label: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `latchkey/${label}/v1`, 32));

  const keys = (purpose: KeyPurpose) => {
    const known = derived.get(purpose);
    if (known) return known;
    const [newest, ...older] = secrets;
    const made = [
      derive(newest, purpose),
      ...older.map((secret) => derive(secret, purpose)),
    ] as const satisfies readonly [Buffer, ...Buffer[]];
    derived.set(purpose, made);
    return made;
  };

  const keyId = (key: Uint8Array) => sha256(key).subarray(0, KEY_ID_BYTES);

  return {
    keys,
    seal(plaintext, context) {
      const [key] = keys('seal');
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), keyId(key), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw new UnsealError();
      const id = bytes.subarray(1, 1 + KEY_ID_BYTES);
      const key = keys('seal').find((candidate) => keyId(candidate).equals(id));
      if (!key) throw new UnsealError();
      const nonce = bytes.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(HEADER_BYTES, HEADER_BYTES + TAG_BYTES));
      try {
        return Buffer.concat([
          decipher.update(bytes.subarray(HEADER_BYTES + TAG_BYTES)),
          decipher.final(),
        ]);
      } catch {
        throw new UnsealError();
      }
    },
    isStale(sealed) {
      const [newest] = keys('seal');
      return !Buffer.from(sealed.subarray(1, 1 + KEY_ID_BYTES)).equals(keyId(newest));
    },
  };
}
