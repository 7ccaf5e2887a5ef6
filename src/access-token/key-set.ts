import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Clock } from '../kernel/ports.ts';
import type { AccessTokenKeys } from '../kernel/signing.ts';
import type { OpenedKey } from './sealed-key.ts';
import { type KeyDates, signingAt, tenures } from './timeline.ts';

/**
 * The keys as they stand, by the clock: a successor takes over and a retired key ends at the
 * second, whether or not the database can be reached then.
 *
 * @param dates of all keys, those that are over or revoked too: they decide whose turn it is not
 * @param opened the keys that can be used, by kid
 */
export function keySet(
  clock: Clock,
  dates: readonly KeyDates[],
  opened: ReadonlyMap<string, OpenedKey>,
): AccessTokenKeys {
  const refusedFrom = new Map(tenures(dates).map((tenure) => [tenure.key.kid, tenure.refusedFrom]));
  const accepted = (kid: string) => {
    const end = refusedFrom.get(kid);
    return end && end <= clock.now() ? undefined : opened.get(kid);
  };
  return {
    signingKey() {
      const key = opened.get(signingAt(dates, clock.now())?.kid ?? '');
      if (!key) throw new ServiceUnavailableError();
      return key;
    },
    verificationKey: accepted,
    published: () => [...opened.keys()].flatMap((kid) => accepted(kid)?.jwk ?? []),
  };
}
