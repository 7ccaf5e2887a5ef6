/** What an argon2id derivation costs. Parallelism is 1 in all we make and read (PW-1). */
export type Parameters = { readonly memoryKib: number; readonly iterations: number };

/** A stored password hash, taken apart. */
export type StoredHash = {
  readonly parameters: Parameters;
  /** Which pepper it was made with, base64; null for none (PW-4). */
  readonly keyId: string | null;
  readonly salt: Buffer;
  readonly digest: Buffer;
};

/** PW-3: 128 bits from the secure random source. */
export const SALT_BYTES = 16;
export const DIGEST_BYTES = 32;

/**
 * Bounds on what a stored hash may make us spend: a corrupt row must not ask for all memory
 * (PW-11). The current parameters have to lie within them, or no hash could be read back.
 */
const MAX_MEMORY_KIB = 1_048_576;
const MAX_ITERATIONS = 16;
const MIN_MEMORY_KIB = 8;

// The PHC string format has t before p; argon2 0.45 writes, and we read, p before t as well.
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),(?:t=(\d{1,2}),p=1|p=1,t=(\d{1,2}))(?:,keyid=([A-Za-z0-9+/]{1,11}))?\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/**
 * Reads a PHC string of argon2id, version 19, one lane, 16 bytes of salt and 32 of digest.
 *
 * @returns null for any other text; never throws (PW-11)
 */
export function parsePhc(text: string): StoredHash | null {
  const [, memory, first, last, keyId, salt, digest] = PHC.exec(text) ?? [];
  const iterations = first ?? last;
  if (!memory || !iterations || !salt || !digest) return null;
  const parameters = { memoryKib: Number(memory), iterations: Number(iterations) };
  if (!isAffordable(parameters)) return null;
  return {
    parameters,
    keyId: keyId ?? null,
    salt: Buffer.from(salt, 'base64'),
    digest: Buffer.from(digest, 'base64'),
  };
}

/** The text form that argon2.verify of any implementation reads. */
export function formatPhc(hash: StoredHash): string {
  const { memoryKib, iterations } = hash.parameters;
  const key = hash.keyId === null ? '' : `,keyid=${hash.keyId}`;
  const [salt, digest] = [unpadded(hash.salt), unpadded(hash.digest)];
  return `$argon2id$v=19$m=${memoryKib},t=${iterations},p=1${key}$${salt}$${digest}`;
}

/** True for parameters this server is ready to pay for. */
export function isAffordable({ memoryKib, iterations }: Parameters): boolean {
  return (
    memoryKib >= MIN_MEMORY_KIB &&
    memoryKib <= MAX_MEMORY_KIB &&
    iterations >= 1 &&
    iterations <= MAX_ITERATIONS
  );
}

/** True when both cost the same and are computed the same way. */
export function sameParameters(a: Parameters, b: Parameters): boolean {
  return a.memoryKib === b.memoryKib && a.iterations === b.iterations;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
