import { type Parameters, sameParameters } from './phc.ts';

/**
 * Every parameter set met in stored hashes, the current one first. While there is more than one, a
 * failure costs one derivation of each, whoever fails: equal work by construction (LG-3).
 */
export type PriceList = {
  /** Takes note of a stored hash's parameters. */
  note(parameters: Parameters): void;
  /** What is still to be paid by someone who has paid for one set. */
  owedAfter(paid: Parameters): readonly Parameters[];
};

/**
 * More sets than operators change settings. The bound keeps a failure's price a small multiple of
 * a success; a set beyond it is not evened out.
 */
const MAX_SETS = 4;

export function createPriceList(current: Parameters): PriceList {
  const sets = [current];
  const isKnown = (parameters: Parameters) => sets.some((set) => sameParameters(set, parameters));
  return {
    note(parameters) {
      if (sets.length < MAX_SETS && !isKnown(parameters)) sets.push(parameters);
    },
    owedAfter: (paid) => sets.filter((set) => !sameParameters(set, paid)),
  };
}
