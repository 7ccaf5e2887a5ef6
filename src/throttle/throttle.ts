import type { Executor } from '../db/client.ts';
import { demand, isUnmet, transactionInOneTrip } from '../db/one-trip.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Budget, Charge, Throttle } from '../kernel/throttle.ts';
import { createLanes } from './lanes.ts';
import type { Owed } from './owed.ts';
import { keyAll, orUnavailable, wasNotJudged } from './rules.ts';
import { allLetThrough, giveBack, type LeftCounter, takeTry } from './store.ts';
import {
  judge,
  type Refused,
  restore,
  type Taken,
  type Tried,
  takeInstead,
  takeWith,
} from './take.ts';

export type ThrottleDeps = Pick<Deps, 'db' | 'clock' | 'keyring' | 'log'> & {
  /** Told what could not be given back at once. */
  readonly owed: Owed<LeftCounter>;
  /** Told once when a budget closes, not at every refusal after it. */
  readonly onTrip: (budget: Budget, client: Client) => Promise<void>;
};

export function createThrottle(deps: ThrottleDeps): Throttle<Executor> {
  const lanes = createLanes();

  const restoreOrOwe = async (tried: readonly Tried[], succeeded: boolean): Promise<void> => {
    try {
      await restore(deps, deps.db, tried, succeeded);
    } catch (error) {
      // What the work came to stands, and until it is given back the try stays counted.
      deps.log.warn({ err: error }, 'A try could not be given back yet.');
      // The others are of windows, which are over soon by themselves.
      for (const { charge, outcome, tries, resetsAt } of tried)
        if (charge.budget.waits && outcome === 'counted')
          deps.owed.add({ key: charge.key, tries, resetsAt });
    }
  };

  const reportTrips = async (tried: readonly Tried[], client: Client): Promise<void> => {
    for (const { charge, closed } of tried) if (closed) await deps.onTrip(charge.budget, client);
  };

  /**
   * Asks what stands in for a refused try's charges. Where that lets it through neither, nobody judged
   * it: it is no failure of the device that would keep it out later (RL-3).
   */
  const letInInstead = async (charges: readonly Charge[], refused: Refused): Promise<Taken> => {
    const instead = charges.find((charge) => charge.instead)?.instead;
    if (!instead) return refused;
    try {
      const taken = await takeInstead(deps, instead, refused);
      if (!taken.allowed) await restoreOrOwe(refused.tried, false);
      return taken;
    } catch (error) {
      const restored = restoreOrOwe(refused.tried, false);
      // As below: not a second time for a database that is away (RR-11).
      if (!(error instanceof ServiceUnavailableError)) await restored;
      throw error;
    }
  };

  return {
    async attempt(charges, { client, signal, admit, forgives = () => true, alongside }, work) {
      const keyed = keyAll(deps, charges);
      const width = (index: number) => charges[index]?.lanes ?? Number.POSITIVE_INFINITY;
      const wanted = keyed.map(({ key }, index) => ({
        key: key.toString('hex'),
        width: width(index),
      }));
      return await lanes.run(wanted, signal, async () => {
        await admit?.();
        signal?.throwIfAborted();
        const { taken: first, read } = await takeWith(deps, keyed, readerOf(alongside));
        const taken = first.allowed ? first : await letInInstead(charges, first);
        if (!taken.allowed) {
          // Another budget may have closed on it before this one refused it (LO-1).
          await reportTrips(taken.tried, client);
          throw new RateLimitedError(taken.retryAfterSeconds);
        }
        const { tried } = taken;
        let settled = false;
        const forgive = (executor: Executor) => {
          settled = true;
          return restore(deps, executor, tried, true);
        };
        let result: Awaited<ReturnType<typeof work>>;
        try {
          result = await work({ read: await read, forgive });
        } catch (error) {
          const notJudged = wasNotJudged(error, signal);
          const restored = notJudged ? restoreOrOwe(tried, false) : reportTrips(tried, client);
          // The caller does not wait for a database that is away a second time (RR-11).
          if (!(error instanceof ServiceUnavailableError)) await restored;
          throw error;
        }
        if (!settled) await restoreOrOwe(tried, forgives(result));
        return result;
      });
    },

    async spend(charges, client, alongside) {
      const { taken, read } = await takeWith(deps, keyAll(deps, charges), readerOf(alongside));
      await reportTrips(taken.tried, client);
      if (!taken.allowed) return { allowed: false, retryAfterSeconds: taken.retryAfterSeconds };
      return { allowed: true, read: await read };
    },

    async spendWith(charges, client, write) {
      const keyed = keyAll(deps, charges);
      const now = deps.clock.now();
      let uncounted: unknown;
      try {
        const [verdicts, , result] = await transactionInOneTrip(deps.db, (tx) => {
          const counting = takeTry(tx, keyed, now);
          counting.catch((error: unknown) => {
            uncounted = error;
          });
          return Promise.all([counting, demand(tx, allLetThrough(keyed)), write(tx)]);
        });
        const taken = judge(keyed, verdicts, now);
        if (taken.allowed) await reportTrips(taken.tried, client);
        return { allowed: true, result };
      } catch (error) {
        if (isUnmet(error)) return { allowed: false };
        if (error === uncounted) return await orUnavailable(deps, Promise.reject(error));
        throw error;
      }
    },

    async forgive(charges) {
      const given = keyAll(deps, charges).map(({ key, member }) => ({
        key,
        member,
        succeeded: true,
        everything: true,
      }));
      await orUnavailable(deps, giveBack(deps.db, given, deps.clock.now()));
    },
  };
}

/** A caller that reads nothing has nothing sent beside its charge, and looks at nothing. */
function readerOf<Read>(alongside: ((executor: Executor) => Promise<Read>) | undefined) {
  return alongside ?? (() => Promise.resolve(undefined as Read));
}
