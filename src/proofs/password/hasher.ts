import type { Hasher, Random, Tracer } from '../../kernel/ports.ts';
import { equal } from '../../kernel/secret.ts';
import { derive } from './derive.ts';
import { WeakPasswordError } from './errors.ts';
import { createGate, type GateOptions, type GateStats } from './gate.ts';
import { normalizePassword } from './normalize.ts';
import { createPeppers } from './pepper.ts';
import {
  DIGEST_BYTES,
  formatPhc,
  isAffordable,
  type Parameters,
  parsePhc,
  SALT_BYTES,
  type StoredHash,
} from './phc.ts';
import { createPriceList } from './price.ts';
import { tracedGate } from './traced-gate.ts';

export type HasherOptions = Parameters &
  GateOptions & {
    readonly random: Random;
    readonly tracer?: Tracer | null;
    /** Newest first (PW-4, ADR-0006). Without one, hashes are plain argon2id. */
    readonly peppers?: readonly Buffer[];
  };

/** The hasher and how busy it is. */
export type PasswordHasher = Hasher & { stats(): GateStats };

/**
 * Argon2id behind a bounded, fair queue.
 *
 * What a failing `verify` costs does not depend on the account. Usually that is one derivation.
 * Once stored hashes with other parameters have been met (a setting was changed), it is one for
 * each parameter set in use, for every account and for none, within one turn of the queue (LG-3).
 * A success costs one: it is told apart by its answer anyway.
 *
 * @throws RangeError when a hash made with these parameters could not be read back
 */
export function createHasher(options: HasherOptions): PasswordHasher {
  const current = { memoryKib: options.memoryKib, iterations: options.iterations };
  if (!isAffordable(current)) throw new RangeError('These argon2id parameters are out of bounds.');
  const { tracer = null } = options;
  const gate = tracer ? tracedGate(createGate(options), tracer) : createGate(options);
  const peppers = createPeppers(options.peppers ?? []);
  const prices = createPriceList(current);

  const blank = (): StoredHash => ({
    parameters: current,
    keyId: peppers.newestId,
    salt: options.random.bytes(SALT_BYTES),
    digest: options.random.bytes(DIGEST_BYTES),
  });
  const decoy = blank();

  const read = (text: string | null): StoredHash | null => {
    const stored = text === null ? null : parsePhc(text);
    return stored && peppers.secretOf(stored.keyId) !== undefined ? stored : null;
  };

  const digest = (password: Buffer, { salt, parameters, keyId }: StoredHash) =>
    derive({ password, salt, parameters, secret: peppers.secretOf(keyId) ?? null });

  /** Derives for every other parameter set in use, for nothing but the time it takes. */
  const payTheRest = async (password: Buffer, paid: Parameters) => {
    for (const parameters of prices.owedAfter(paid)) {
      await digest(password, { ...decoy, parameters });
    }
  };

  return {
    async hash(password, waiting = {}) {
      const text = normalizePassword(password);
      if (text === null) throw new WeakPasswordError(['TOO_LONG']);
      const bytes = Buffer.from(text);
      const model = blank();
      prices.note(model.parameters);
      return gate.run(
        async () => formatPhc({ ...model, digest: await digest(bytes, model) }),
        waiting,
      );
    },

    async verify(password, text, waiting) {
      const normalized = normalizePassword(password);
      // No such password can have been set, whoever it is tried on: nothing to derive (PW-6).
      if (normalized === null) return false;
      const bytes = Buffer.from(normalized);
      const stored = read(text);
      const target = stored ?? decoy;
      prices.note(target.parameters);
      return gate.run(async () => {
        const isRight = equal(target.digest, await digest(bytes, target)) && stored !== null;
        if (!isRight) await payTheRest(bytes, target.parameters);
        return isRight;
      }, waiting);
    },

    needsRehash(text) {
      const stored = parsePhc(text);
      if (!stored || stored.keyId !== peppers.newestId) return true;
      const { memoryKib, iterations } = stored.parameters;
      return memoryKib < current.memoryKib || iterations < current.iterations;
    },

    place: gate.place,
    stats: gate.stats,
  };
}
