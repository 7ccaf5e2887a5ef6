import { type Parameters, sameParameters } from './phc.ts';

/**
 * Every set of argon2id parameters that stored hashes were found to have, the current set first. While
 * there is more than one, a failed verification derives once with each set, whatever the account: every
 * failure costs the same (LG-3).
 */
export type ParameterSets = {
  /** Remembers the parameters of a stored hash. */
  add(parameters: Parameters): void;
  /** The sets that a failed verification still has to derive with after it derived with one. */
  others(derived: Parameters): readonly Parameters[];
};

/**
 * More sets than operators change settings. The limit keeps a failure at a small multiple of the cost of
 * a success; failures on accounts with a set beyond it cost a different time.
 */
const MAX_SETS = 4;

export function createParameterSets(current: Parameters): ParameterSets {
  const sets = [current];
  const isKnown = (parameters: Parameters) => sets.some((set) => sameParameters(set, parameters));
  return {
    add(parameters) {
      if (sets.length < MAX_SETS && !isKnown(parameters)) sets.push(parameters);
    },
    others: (derived) => sets.filter((set) => !sameParameters(set, derived)),
  };
}
