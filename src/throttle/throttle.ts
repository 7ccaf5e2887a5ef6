import type { Deps } from '../deps.ts';
import { SECOND } from '../kernel/duration.ts';
import { RateLimitedError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Budget, Throttle } from '../kernel/throttle.ts';
import { createLanes } from './lanes.ts';
import { keyAll, orUnavailable, wasNotJudged } from './rules.ts';
import { giveBack, type KeyedCharge, takeTry } from './store.ts';

export type ThrottleDeps = Pick<Deps, 'db' | 'clock' | 'keyring' | 'log'> & {
  /** Told once when a budget closes, not at every refusal after it. */
  readonly onTrip: (budget: Budget, client: Client) => Promise<void>;
};

type Tried = {
  readonly charge: KeyedCharge;
  readonly outcome: 'counted' | 'known';
  readonly closed: boolean;
};
type Taken =
  | { readonly allowed: true; readonly tried: readonly Tried[] }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

export function createThrottle(deps: ThrottleDeps): Throttle {
  const lanes = createLanes();

  const take = async (charges: readonly KeyedCharge[]): Promise<Taken> => {
    if (charges.length === 0) return { allowed: true, tried: [] };
    const now = deps.clock.now();
    const verdicts = await orUnavailable(deps, takeTry(deps.db, charges, now));
    const refused = verdicts.find((verdict) => verdict.outcome === 'refused');
    if (refused) {
      const wait = refused.opensAt.getTime() - now.getTime();
      return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(wait / SECOND)) };
    }
    if (verdicts.length !== charges.length) throw new ServiceUnavailableError();
    const tried = charges.map((charge) => {
      const verdict = verdicts.find(({ key }) => charge.key.equals(key));
      const outcome = verdict?.outcome === 'known' ? 'known' : 'counted';
      const closed = outcome === 'counted' && verdict !== undefined && verdict.opensAt > now;
      return { charge, outcome, closed } as const;
    });
    return { allowed: true, tried };
  };

  const restore = async (tried: readonly Tried[], succeeded: boolean): Promise<void> => {
    const counted = succeeded ? tried : tried.filter(({ outcome }) => outcome === 'counted');
    if (counted.length === 0) return;
    const given = counted.map(({ charge: { key, member, budget } }) => ({
      key,
      member,
      all: succeeded && budget.waits !== undefined,
    }));
    try {
      await giveBack(deps.db, given, deps.clock.now());
    } catch (error) {
      // What the work came to stands. The try stays counted, which is the strict side.
      deps.log.warn({ err: error }, 'A try could not be given back.');
    }
  };

  const reportTrips = async (tried: readonly Tried[], client: Client): Promise<void> => {
    for (const { charge, closed } of tried) if (closed) await deps.onTrip(charge.budget, client);
  };

  return {
    async attempt(charges, { client, signal, forgives = () => true }, work) {
      const keyed = keyAll(deps, charges);
      const width = (index: number) => charges[index]?.lanes ?? Number.POSITIVE_INFINITY;
      const wanted = keyed.map(({ key }, index) => ({
        key: key.toString('hex'),
        width: width(index),
      }));
      return await lanes.run(wanted, signal, async () => {
        const taken = await take(keyed);
        if (!taken.allowed) throw new RateLimitedError(taken.retryAfterSeconds);
        let result: Awaited<ReturnType<typeof work>>;
        try {
          result = await work();
        } catch (error) {
          const notJudged = wasNotJudged(error, signal);
          const restored = notJudged
            ? restore(taken.tried, false)
            : reportTrips(taken.tried, client);
          // The caller does not wait for a database that is away a second time (RR-11).
          if (!(error instanceof ServiceUnavailableError)) await restored;
          throw error;
        }
        await restore(taken.tried, forgives(result));
        return result;
      });
    },

    async spend(charges, client) {
      const taken = await take(keyAll(deps, charges));
      if (!taken.allowed) return taken;
      await reportTrips(taken.tried, client);
      return { allowed: true };
    },

    async forgive(charges) {
      const given = keyAll(deps, charges).map(({ key, member }) => ({ key, member, all: true }));
      await orUnavailable(deps, giveBack(deps.db, given, deps.clock.now()));
    },
  };
}
