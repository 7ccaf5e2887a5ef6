import { not, type SQL, sql } from 'drizzle-orm';
import type { Executor } from '../db/driver/client.ts';
import { run } from '../db/executor.ts';
import { inOneTrip, transactionInOneTrip } from '../db/one-trip.ts';
import type { Statement } from '../db/statement.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError, ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Attempt, Limit, LimitRule, RateLimiter } from '../kernel/rate-limit.ts';
import { createConcurrencyLimits } from './concurrency.ts';
import { type CountedLimit, type Decision, decide, measureRefusal, type Refusal } from './count.ts';
import { type RefundDeps, refundOrDefer, refundsOf } from './refunds.ts';
import {
  allAllowed,
  countAttempt,
  type HashedLimit,
  hashKeys,
  refundAttempt,
  scheduledTime,
} from './store.ts';

export type RateLimiterDeps = RefundDeps &
  Pick<Deps, 'keyring' | 'meter'> & {
    /** Is called once when a limit closes, not at every refusal after it (LO-1). */
    readonly onClosed: (rule: LimitRule, client: Client) => Promise<void>;
  };

/** The rate limiter whose counters are in the database, common to all instances (ADR-0015). */
export function createRateLimiter(
  deps: RateLimiterDeps,
): RateLimiter<Executor, Statement<void>, SQL> {
  const concurrency = createConcurrencyLimits();

  const reportClosed = async (counted: readonly CountedLimit[], client: Client): Promise<void> => {
    for (const { limit, isClosed } of counted)
      if (isClosed) await deps.onClosed(limit.rule, client);
  };

  /** Waits for the concurrency limits of these limits, then works under them. */
  const runWithin = <T>(
    limits: readonly Limit[],
    signal: AbortSignal | undefined,
    work: (hashed: readonly HashedLimit[]) => Promise<T>,
  ): Promise<T> => {
    const hashed = hashKeys(deps, limits);
    const bounds = hashed.map(({ key }, index) => ({
      key: key.toString('hex'),
      most: limits[index]?.concurrency ?? Number.POSITIVE_INFINITY,
    }));
    return concurrency.run(bounds, signal, () => work(hashed));
  };

  /**
   * Counts toward the limits and lets the caller read, in one pipeline. A read that failed is reported to
   * the caller that waits for it: the count decides first.
   */
  const countAndRead = async <Read>(
    limits: readonly HashedLimit[],
    read: (executor: Executor) => Promise<Read>,
  ): Promise<{ readonly decision: Decision; readonly reading: Promise<Read> }> => {
    const now = deps.clock.now();
    const sending = inOneTrip(deps.db, async (executor) => {
      const counting =
        limits.length === 0 ? Promise.resolve([]) : run(executor, countAttempt(limits, now));
      const reading = read(executor);
      for (const promise of [counting, reading]) promise.catch(() => undefined);
      return { counting, reading };
    });
    const results = await orUnavailable(
      deps,
      sending.then(({ counting }) => counting),
    );
    return { decision: decide(limits, results, now), reading: (await sending).reading };
  };

  /**
   * Asks the fallback limits about an attempt that was refused. Only such an attempt costs this second
   * statement. Every attempt is allowed by all of the primary limits or by all of the fallback limits, so
   * there are never more attempts than both allow (RL-2). If both refuse the attempt, nobody verified it, and
   * it is refunded: it is no failure of the device that would be refused for it later (RL-3).
   */
  const fallBack = async (limits: readonly Limit[], refusal: Refusal): Promise<Decision> => {
    const fallback = limits.find((limit) => limit.fallback)?.fallback;
    if (!fallback) return refusal;
    try {
      const { decision } = await countAndRead(hashKeys(deps, fallback), readNothing);
      const counted = [...refusal.counted, ...decision.counted];
      if (decision.allowed) return { allowed: true, counted };
      await refundOrDefer(deps, refusal.counted, 'not-verified');
      const retryAfterSeconds = Math.min(refusal.retryAfterSeconds, decision.retryAfterSeconds);
      return { ...decision, counted, retryAfterSeconds };
    } catch (error) {
      const refunded = refundOrDefer(deps, refusal.counted, 'not-verified');
      // The caller does not wait a second time for a database that is away (RR-11).
      if (!(error instanceof ServiceUnavailableError)) await refunded;
      throw error;
    }
  };

  const withAttempt = async <T>(
    limits: readonly Limit[],
    { client, signal }: { readonly client: Client; readonly signal?: AbortSignal },
    work: (attempt: Attempt<Executor, Statement<void>>) => Promise<T>,
  ): Promise<T> =>
    await runWithin(limits, signal, async (hashed) => {
      let counted: readonly CountedLimit[] | null = null;
      let isConfirmed = false;
      const requireCounted = (): readonly CountedLimit[] => {
        if (counted === null) throw new TypeError('The attempt was not counted.');
        return counted;
      };
      const attempt: Attempt<Executor, Statement<void>> = {
        async count<Read>(read: (executor: Executor) => Promise<Read> = readNothing) {
          signal?.throwIfAborted();
          const { decision: first, reading } = await countAndRead(hashed, read);
          const decision = first.allowed ? first : await fallBack(limits, first);
          if (!decision.allowed) {
            measureRefusal(deps, decision);
            // A limit before the one that refused may have closed with this attempt (LO-1).
            await reportClosed(decision.counted, client);
            throw new RateLimitedError(decision.retryAfterSeconds);
          }
          counted = decision.counted;
          return await reading;
        },
        async confirm() {
          isConfirmed = true;
          await refundOrDefer(deps, requireCounted(), 'succeeded');
        },
        confirmation() {
          const refunds = refundsOf(requireCounted(), 'succeeded');
          isConfirmed = true;
          return refunds.length === 0 ? null : refundAttempt(refunds, deps.clock.now());
        },
      };
      try {
        const result = await work(attempt);
        const kept = requireCounted();
        if (!isConfirmed) await reportClosed(kept, client);
        return result;
      } catch (error) {
        if (counted === null) throw error;
        const settled = wasNotVerified(error, signal)
          ? refundOrDefer(deps, counted, 'not-verified')
          : reportClosed(counted, client);
        // The caller does not wait a second time for a database that is away (RR-11).
        if (!(error instanceof ServiceUnavailableError)) await settled;
        throw error;
      }
    });

  return {
    withAttempt,

    attempt: (limits, from, verify) =>
      withAttempt(limits, from, async (attempt) => {
        await attempt.count();
        const result = await verify();
        await attempt.confirm();
        return result;
      }),

    async countAndRun(limits, { client, signal }, work) {
      let isBegun = false;
      try {
        return await runWithin(limits, signal, async (hashed) => {
          isBegun = true;
          const { decision } = await countAndRead(hashed, readNothing);
          measureRefusal(deps, decision);
          await reportClosed(decision.counted, client);
          if (!decision.allowed) throw new RateLimitedError(decision.retryAfterSeconds);
          return await work();
        });
      } catch (error) {
        const isLineFull = !isBegun && error instanceof ServerBusyError;
        throw isLineFull ? new RateLimitedError(error.retryAfterSeconds) : error;
      }
    },

    async count<Read>(
      limits: readonly Limit[],
      client: Client,
      read: (executor: Executor) => Promise<Read> = readNothing,
    ) {
      const { decision, reading } = await countAndRead(hashKeys(deps, limits), read);
      measureRefusal(deps, decision);
      await reportClosed(decision.counted, client);
      const { allowed, counted } = decision;
      if (!allowed) return { allowed, retryAfterSeconds: decision.retryAfterSeconds };
      return { allowed, read: await reading, opensAt: opensAt(counted, deps.clock.now()) };
    },

    async schedule(limits, requests, client, write) {
      const hashed = hashKeys(deps, limits);
      const requested = hashKeys(deps, requests);
      const now = deps.clock.now();
      const failed = new Set<unknown>();
      const count = (tx: Executor, toward: readonly HashedLimit[]) => {
        const counting = run(tx, countAttempt(toward, now));
        counting.catch((error: unknown) => failed.add(error));
        return counting;
      };
      const slot = {
        isRefused: sql`(${not(allAllowed(hashed))})`,
        scheduledAt: scheduledTime(hashed, now),
      };
      try {
        const [results, requestResults, result] = await transactionInOneTrip(deps.db, (tx) =>
          Promise.all([count(tx, hashed), count(tx, requested), write(tx, slot)]),
        );
        const decision = decide(hashed, results, now);
        measureRefusal(deps, decision);
        await reportClosed(decision.counted, client);
        const { counted } = decide(requested, requestResults, now);
        return { result, resendableAt: opensAt(counted, now) };
      } catch (error) {
        if (failed.has(error)) return await orUnavailable(deps, Promise.reject(error));
        throw error;
      }
    },

    async countRequest(requests) {
      const { decision } = await countAndRead(hashKeys(deps, requests), readNothing);
      return opensAt(decision.counted, deps.clock.now());
    },

    async reset(limits) {
      const refunds = hashKeys(deps, limits).map(({ key, member, rule }) => ({
        ...{ key, member, rule },
        ...{ succeeded: true, resets: true },
      }));
      await orUnavailable(deps, run(deps.db, refundAttempt(refunds, deps.clock.now())));
    },
  };
}

/**
 * True if the failure says nothing about the credential: the queue was full, the client or a service was
 * gone, or the credential was right and the sign-in exceeded the limit of successes (RL-14).
 */
function wasNotVerified(error: unknown, signal: AbortSignal | undefined): boolean {
  return (
    error instanceof ServerBusyError ||
    error instanceof RateLimitedError ||
    error instanceof ServiceUnavailableError ||
    (signal?.aborted === true && error === signal.reason)
  );
}

/** What cannot be counted is refused, never allowed (RL-10). */
async function orUnavailable<T>({ log }: Pick<Deps, 'log'>, counting: Promise<T>): Promise<T> {
  try {
    return await counting;
  } catch (error) {
    log.error({ err: error }, 'rate limit query failed');
    throw new ServiceUnavailableError({ cause: error });
  }
}

/** When every one of these limits allows the next attempt. */
function opensAt(counted: readonly CountedLimit[], now: Date): Date {
  return counted.reduce((latest, one) => (one.opensAt > latest ? one.opensAt : latest), now);
}

async function readNothing<Read>(): Promise<Read> {
  return undefined as Read;
}
