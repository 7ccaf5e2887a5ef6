import { not, type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { demand, isUnmet, transactionInOneTrip } from '../db/one-trip.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError, ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Budget, Charge, Throttle } from '../kernel/rate-limit.ts';
import { createLanes } from './lanes.ts';
import { letInInstead } from './let-in-instead.ts';
import { type RestoringDeps, restoreOrOwe } from './restore-or-owe.ts';
import { keyAll, orUnavailable, wasNotJudged } from './rules.ts';
import {
  allLetThrough,
  giveBack,
  type KeyedCharge,
  takeTry,
  turnOf,
  type Verdict,
} from './store.ts';
import { countRefusal, judge, restore, type Tried, takeWith } from './take.ts';

/** What the limits are kept with. */
export type ThrottleDeps = RestoringDeps &
  Pick<Deps, 'keyring' | 'meter'> & {
    /** Told once when a budget closes, not at every refusal after it. */
    readonly onTrip: (budget: Budget, client: Client) => Promise<void>;
  };

/** The limits of tries, kept in the database for all instances alike (docs/decisions/0061). */
export function createThrottle(deps: ThrottleDeps): Throttle<Executor, SQL> {
  const lanes = createLanes();

  const reportTrips = async (tried: readonly Tried[], client: Client): Promise<void> => {
    for (const { charge, closed } of tried) if (closed) await deps.onTrip(charge.budget, client);
  };

  /** Keys and widths of the lines in which a try waits for its turn. */
  const lanesOf = (charges: readonly Charge[], keyed: readonly KeyedCharge[]) =>
    keyed.map(({ key }, index) => ({
      key: key.toString('hex'),
      width: charges[index]?.lanes ?? Number.POSITIVE_INFINITY,
    }));

  return {
    async attempt(charges, { client, signal, admit, staysCounted = () => false, alongside }, work) {
      const keyed = keyAll(deps, charges);
      return await lanes.run(lanesOf(charges, keyed), signal, async () => {
        await admit?.();
        signal?.throwIfAborted();
        const { taken: first, read } = await takeWith(deps, keyed, readerOf(alongside));
        const taken = first.allowed ? first : await letInInstead(deps, charges, first);
        if (!taken.allowed) {
          countRefusal(deps, taken);
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
          const restored = notJudged
            ? restoreOrOwe(deps, tried, false)
            : reportTrips(tried, client);
          // The caller does not wait for a database that is away a second time (RR-11).
          if (!(error instanceof ServiceUnavailableError)) await restored;
          throw error;
        }
        if (!settled && !staysCounted(result)) await restoreOrOwe(deps, tried, true);
        else if (!settled) await reportTrips(tried, client);
        return result;
      });
    },

    async act(charges, { client, signal }, work) {
      const keyed = keyAll(deps, charges);
      let isBegun = false;
      try {
        return await lanes.run(lanesOf(charges, keyed), signal, async () => {
          isBegun = true;
          const { taken } = await takeWith(deps, keyed, readerOf(undefined));
          countRefusal(deps, taken);
          await reportTrips(taken.tried, client);
          if (!taken.allowed) throw new RateLimitedError(taken.retryAfterSeconds);
          return await work();
        });
      } catch (error) {
        const isLineFull = !isBegun && error instanceof ServerBusyError;
        throw isLineFull ? new RateLimitedError(error.retryAfterSeconds) : error;
      }
    },

    async spend(charges, client, alongside) {
      const { taken, read } = await takeWith(deps, keyAll(deps, charges), readerOf(alongside));
      countRefusal(deps, taken);
      await reportTrips(taken.tried, client);
      if (!taken.allowed) return { allowed: false, retryAfterSeconds: taken.retryAfterSeconds };
      return { allowed: true, read: await read, opensAt: opensAt(taken.tried, deps.clock.now()) };
    },

    async spendWith(charges, client, write) {
      const keyed = keyAll(deps, charges);
      const now = deps.clock.now();
      let uncounted: unknown;
      let counted: readonly Verdict[] = [];
      try {
        const [verdicts, , result] = await transactionInOneTrip(deps.db, (tx) => {
          const counting = takeTry(tx, keyed, now);
          counting.then(
            (answer) => {
              counted = answer;
            },
            (error: unknown) => {
              uncounted = error;
            },
          );
          return Promise.all([counting, demand(tx, allLetThrough(keyed)), write(tx)]);
        });
        const taken = judge(keyed, verdicts, now);
        if (taken.allowed) await reportTrips(taken.tried, client);
        return { allowed: true, result };
      } catch (error) {
        if (isUnmet(error)) {
          if (counted.length > 0) countRefusal(deps, judge(keyed, counted, now));
          return { allowed: false };
        }
        if (error === uncounted) return await orUnavailable(deps, Promise.reject(error));
        throw error;
      }
    },

    async book(charges, asks, client, write) {
      const keyed = keyAll(deps, charges);
      const asking = keyAll(deps, asks);
      const now = deps.clock.now();
      let uncounted: unknown;
      const counted = (counting: Promise<readonly Verdict[]>) => {
        counting.catch((error: unknown) => {
          uncounted = error;
        });
        return counting;
      };
      try {
        const slot = {
          isRefused: sql`(${not(allLetThrough(keyed))})`,
          leavesAt: turnOf(keyed, now),
        };
        const [verdicts, asked, result] = await transactionInOneTrip(deps.db, (tx) =>
          Promise.all([
            counted(takeTry(tx, keyed, now)),
            counted(takeTry(tx, asking, now)),
            write(tx, slot),
          ]),
        );
        const taken = judge(keyed, verdicts, now);
        countRefusal(deps, taken);
        await reportTrips(taken.tried, client);
        return { result, askableAt: opensAt(judge(asking, asked, now).tried, now) };
      } catch (error) {
        if (error === uncounted) return await orUnavailable(deps, Promise.reject(error));
        throw error;
      }
    },

    async ask(asks) {
      const { taken } = await takeWith(deps, keyAll(deps, asks), readerOf(undefined));
      return opensAt(taken.tried, deps.clock.now());
    },

    async forgive(charges) {
      const given = keyAll(deps, charges).map(({ key, member, budget }) => ({
        key,
        member,
        budget,
        succeeded: true,
        everything: true,
      }));
      await orUnavailable(deps, giveBack(deps.db, given, deps.clock.now()));
    },
  };
}

/** From when on every one of these budgets lets the next try through. */
function opensAt(tried: readonly Tried[], now: Date): Date {
  return tried.reduce((latest, one) => (one.opensAt > latest ? one.opensAt : latest), now);
}

/** A caller that reads nothing has nothing sent beside its charge, and looks at nothing. */
function readerOf<Read>(alongside: ((executor: Executor) => Promise<Read>) | undefined) {
  return alongside ?? (() => Promise.resolve(undefined as Read));
}
