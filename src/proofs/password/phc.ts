/** The cost parameters of an argon2id derivation. The parallelism of every hash is 1 (PW-1). */
export type Parameters = { readonly memoryKib: number; readonly iterations: number };

/** The parts of a stored password hash. */
export type StoredHash = {
  readonly parameters: Parameters;
  /** The pepper it was created with, base64; null for none (PW-4). */
  readonly keyId: string | null;
  readonly salt: Buffer;
  readonly digest: Buffer;
};

/** PW-3: 128 bits from the secure random source. */
export const SALT_BYTES = 16;
export const DIGEST_BYTES = 32;

/**
 * Limits on what a stored hash may cost: a corrupt row must not claim all memory (PW-11). The current
 * parameters must lie within them, or no hash could be read back.
 */
const MAX_MEMORY_KIB = 1_048_576;
const MAX_ITERATIONS = 16;
const MIN_MEMORY_KIB = 8;

// The PHC string format has t before p. argon2 0.45 writes p before t, so both orders are read.
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),(?:t=(\d{1,2}),p=1|p=1,t=(\d{1,2}))(?:,keyid=([A-Za-z0-9+/]{1,11}))?\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/**
 * Reads a PHC string of argon2id, version 19, parallelism 1, 16 bytes of salt and 32 bytes of digest.
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

/** The text that argon2.verify of any implementation reads. */
export function formatPhc(hash: StoredHash): string {
  const { memoryKib, iterations } = hash.parameters;
  const key = hash.keyId === null ? '' : `,keyid=${hash.keyId}`;
  const [salt, digest] = [unpadded(hash.salt), unpadded(hash.digest)];
  return `$argon2id$v=19$m=${memoryKib},t=${iterations},p=1${key}$${salt}$${digest}`;
}

/** True for parameters within the limits of this server. */
export function isAffordable({ memoryKib, iterations }: Parameters): boolean {
  return (
    memoryKib >= MIN_MEMORY_KIB &&
    memoryKib <= MAX_MEMORY_KIB &&
    iterations >= 1 &&
    iterations <= MAX_ITERATIONS
  );
}

/** True if a derivation with either costs the same. */
export function sameParameters(a: Parameters, b: Parameters): boolean {
  return a.memoryKib === b.memoryKib && a.iterations === b.iterations;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
