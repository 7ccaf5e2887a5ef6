import type { Hasher, HashQueue, Random } from '../../kernel/ports.ts';
import { equal } from '../../kernel/secret.ts';
import { derive } from './derive.ts';
import { WeakPasswordError } from './errors.ts';
import { normalizePassword } from './normalize.ts';
import { createParameterSets } from './parameter-sets.ts';
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

export type HasherOptions = Parameters & {
  readonly random: Random;
  /** Where derivations wait and run (RL-12). */
  readonly queue: Pick<HashQueue, 'run'>;
  /** Newest first (PW-4, ADR-0006). Without one, hashes are plain argon2id. */
  readonly peppers?: readonly Buffer[];
};

/**
 * Creates an argon2id hasher with a bounded, fair queue.
 *
 * The cost of a failing `verify` does not depend on the account. Usually it is one derivation. If stored
 * hashes have different parameters, because a setting was changed, the cost is one derivation for each set of
 * parameters in use. That applies to every account and to addresses without one, within one task of the queue
 * (LG-3). A success costs one derivation, because the response reveals a success anyway.
 *
 * @throws RangeError if a hash made with these parameters could not be read back
 */
export function createHasher(options: HasherOptions): Hasher {
  const { random, queue } = options;
  const current = { memoryKib: options.memoryKib, iterations: options.iterations };
  if (!isAffordable(current)) throw new RangeError('These argon2id parameters are out of bounds.');
  const peppers = createPeppers(options.peppers ?? []);
  const parameterSets = createParameterSets(current);

  const blank = (): StoredHash => ({
    parameters: current,
    keyId: peppers.newestId,
    salt: random.bytes(SALT_BYTES),
    digest: random.bytes(DIGEST_BYTES),
  });
  const decoy = blank();

  const read = (text: string | null): StoredHash | null => {
    const stored = text === null ? null : parsePhc(text);
    return stored && peppers.secretOf(stored.keyId) !== undefined ? stored : null;
  };

  const digest = (password: Buffer, { salt, parameters, keyId }: StoredHash) =>
    derive({ password, salt, parameters, secret: peppers.secretOf(keyId) ?? null });

  /** Derives with every other parameter set in use, only for the time it takes. */
  const deriveOthers = async (password: Buffer, derived: Parameters) => {
    for (const parameters of parameterSets.others(derived)) {
      await digest(password, { ...decoy, parameters });
    }
  };

  return {
    async hash(password, options) {
      const text = normalizePassword(password);
      if (text === null) throw new WeakPasswordError(['TOO_LONG']);
      const bytes = Buffer.from(text);
      const model = blank();
      parameterSets.add(model.parameters);
      return queue.run(
        async () => formatPhc({ ...model, digest: await digest(bytes, model) }),
        options,
      );
    },

    async verify(password, text, options) {
      const normalized = normalizePassword(password);
      // No account can have a password this long, so there is nothing to derive (PW-6).
      if (normalized === null) return false;
      const bytes = Buffer.from(normalized);
      const stored = read(text);
      const target = stored ?? decoy;
      parameterSets.add(target.parameters);
      return queue.run(async () => {
        const isRight = equal(target.digest, await digest(bytes, target)) && stored !== null;
        if (!isRight) await deriveOthers(bytes, target.parameters);
        return isRight;
      }, options);
    },

    needsRehash(text) {
      const stored = parsePhc(text);
      if (!stored || stored.keyId !== peppers.newestId) return true;
      const { memoryKib, iterations } = stored.parameters;
      return memoryKib < current.memoryKib || iterations < current.iterations;
    },
  };
}
