import { not, type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { demand, isUnmet, transactionInOneTrip } from '../db/one-trip.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError, ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Limit, LimitRule, RateLimiter } from '../kernel/rate-limit.ts';
import { createConcurrencyLimits } from './concurrency.ts';
import { orUnavailable, wasNotVerified } from './failures.ts';
import { letInInstead } from './let-in-instead.ts';
import { type RestoringDeps, restoreOrOwe } from './restore-or-owe.ts';
import {
  allAllowed,
  type CountResult,
  countAttempt,
  type HashedLimit,
  hashKeys,
  refundAttempt,
  scheduledTime,
} from './store.ts';
import { countRefusal, judge, restore, type Tried, takeWith } from './take.ts';

/** What the limits are kept with. */
export type RateLimiterDeps = RestoringDeps &
  Pick<Deps, 'keyring' | 'meter'> & {
    /** Told once when a budget closes, not at every refusal after it. */
    readonly onTrip: (budget: LimitRule, client: Client) => Promise<void>;
  };

/** The limits of tries, kept in the database for all instances alike (ADR-0015). */
export function createRateLimiter(deps: RateLimiterDeps): RateLimiter<Executor, SQL> {
  const lanes = createConcurrencyLimits();

  const reportTrips = async (tried: readonly Tried[], client: Client): Promise<void> => {
    for (const { charge, closed } of tried) if (closed) await deps.onTrip(charge.rule, client);
  };

  /** Keys and widths of the lines in which a try waits for its turn. */
  const lanesOf = (charges: readonly Limit[], keyed: readonly HashedLimit[]) =>
    keyed.map(({ key }, index) => ({
      key: key.toString('hex'),
      width: charges[index]?.concurrency ?? Number.POSITIVE_INFINITY,
    }));

  return {
    async attempt(charges, { client, signal, admit, staysCounted = () => false, alongside }, work) {
      const keyed = hashKeys(deps, charges);
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
          const notJudged = wasNotVerified(error, signal);
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

    async countAndRun(charges, { client, signal }, work) {
      const keyed = hashKeys(deps, charges);
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

    async count(charges, client, alongside) {
      const { taken, read } = await takeWith(deps, hashKeys(deps, charges), readerOf(alongside));
      countRefusal(deps, taken);
      await reportTrips(taken.tried, client);
      if (!taken.allowed) return { allowed: false, retryAfterSeconds: taken.retryAfterSeconds };
      return { allowed: true, read: await read, opensAt: opensAt(taken.tried, deps.clock.now()) };
    },

    async spendWith(charges, client, write) {
      const keyed = hashKeys(deps, charges);
      const now = deps.clock.now();
      let uncounted: unknown;
      let counted: readonly CountResult[] = [];
      try {
        const [verdicts, , result] = await transactionInOneTrip(deps.db, (tx) => {
          const counting = countAttempt(tx, keyed, now);
          counting.then(
            (answer) => {
              counted = answer;
            },
            (error: unknown) => {
              uncounted = error;
            },
          );
          return Promise.all([counting, demand(tx, allAllowed(keyed)), write(tx)]);
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

    async schedule(charges, asks, client, write) {
      const keyed = hashKeys(deps, charges);
      const asking = hashKeys(deps, asks);
      const now = deps.clock.now();
      let uncounted: unknown;
      const counted = (counting: Promise<readonly CountResult[]>) => {
        counting.catch((error: unknown) => {
          uncounted = error;
        });
        return counting;
      };
      try {
        const slot = {
          isRefused: sql`(${not(allAllowed(keyed))})`,
          leavesAt: scheduledTime(keyed, now),
        };
        const [verdicts, asked, result] = await transactionInOneTrip(deps.db, (tx) =>
          Promise.all([
            counted(countAttempt(tx, keyed, now)),
            counted(countAttempt(tx, asking, now)),
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

    async countRequest(asks) {
      const { taken } = await takeWith(deps, hashKeys(deps, asks), readerOf(undefined));
      return opensAt(taken.tried, deps.clock.now());
    },

    async reset(charges) {
      const given = hashKeys(deps, charges).map(({ key, member, rule: budget }) => ({
        key,
        member,
        budget,
        succeeded: true,
        everything: true,
      }));
      await orUnavailable(deps, refundAttempt(deps.db, given, deps.clock.now()));
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
