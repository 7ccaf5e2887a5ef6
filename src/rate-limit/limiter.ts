import { not, type SQL, sql } from 'drizzle-orm';
import { pipelineTransaction, startPipeline } from '../db/pipeline.ts';
import { map, type Statement } from '../db/statement.ts';
import type { Deps } from '../deps.ts';
import { RateLimitedError, ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Client } from '../kernel/ports.ts';
import type { Answers, Attempt, Limit, LimitRule, RateLimiter } from '../kernel/rate-limit.ts';
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

type Statements = readonly (Statement<unknown> | null)[];

export type RateLimiterDeps = RefundDeps &
  Pick<Deps, 'keyring' | 'meter'> & {
    /** Is called once when a limit closes, not at every refusal after it (LO-1). */
    readonly onClosed: (rule: LimitRule, client: Client) => Promise<void>;
  };

/** The rate limiter whose counters are in the database, common to all instances (ADR-0015). */
export function createRateLimiter(deps: RateLimiterDeps): RateLimiter<Statement<unknown>, SQL> {
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
   * Counts toward the limits and reads for the caller, in one pipeline. The count decides first: a read that
   * failed is reported only to a caller that waits for it.
   */
  const countAndRead = async <const Sent extends Statements>(
    limits: readonly HashedLimit[],
    read: Sent,
  ): Promise<{ readonly decision: Decision; readonly answers: Answers<Sent> }> => {
    const now = deps.clock.now();
    const counting = limits.length === 0 ? null : countAttempt(limits, now);
    const [results, ...answers] = startPipeline(deps.db, [counting, ...read]);
    const decision = decide(limits, (await orUnavailable(deps, results)) ?? [], now);
    return { decision, answers: answers as Answers<Sent> };
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
      const { decision } = await countAndRead(hashKeys(deps, fallback), []);
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
    work: (attempt: Attempt<Statement<unknown>>) => Promise<T>,
  ): Promise<T> =>
    await runWithin(limits, signal, async (hashed) => {
      let counted: readonly CountedLimit[] | null = null;
      let isConfirmed = false;
      const requireCounted = (): readonly CountedLimit[] => {
        if (counted === null) throw new TypeError('The attempt was not counted.');
        return counted;
      };
      const attempt: Attempt<Statement<unknown>> = {
        async count<const Sent extends Statements = []>(read = [] as unknown as Sent) {
          signal?.throwIfAborted();
          const { decision: first, answers } = await countAndRead(hashed, read);
          const decision = first.allowed ? first : await fallBack(limits, first);
          if (!decision.allowed) {
            measureRefusal(deps, decision);
            // A limit before the one that refused may have closed with this attempt (LO-1).
            await reportClosed(decision.counted, client);
            throw new RateLimitedError(decision.retryAfterSeconds);
          }
          counted = decision.counted;
          return answers;
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
          const { decision } = await countAndRead(hashed, []);
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

    async count<const Sent extends Statements = []>(
      limits: readonly Limit[],
      client: Client,
      read = [] as unknown as Sent,
    ) {
      const { decision, answers } = await countAndRead(hashKeys(deps, limits), read);
      measureRefusal(deps, decision);
      await reportClosed(decision.counted, client);
      const { allowed, counted } = decision;
      if (!allowed) return { allowed, retryAfterSeconds: decision.retryAfterSeconds };
      return { allowed, read: answers, opensAt: opensAt(counted, deps.clock.now()) };
    },

    async schedule(limits, requests, client, write) {
      const hashed = hashKeys(deps, limits);
      const requested = hashKeys(deps, requests);
      const now = deps.clock.now();
      const slot = {
        isRefused: sql`(${not(allAllowed(hashed))})`,
        scheduledAt: scheduledTime(hashed, now),
      };
      let isCounted = false;
      const counting = map(countAttempt(requested, now), (results) => {
        isCounted = true;
        return results;
      });
      try {
        const [results, requestResults] = await pipelineTransaction(deps.db, [
          countAttempt(hashed, now),
          counting,
          ...write(slot),
        ]);
        const decision = decide(hashed, results, now);
        measureRefusal(deps, decision);
        await reportClosed(decision.counted, client);
        const { counted } = decide(requested, requestResults, now);
        return { resendableAt: opensAt(counted, now) };
      } catch (error) {
        // A failure before both counts were answered is theirs.
        if (!isCounted) return await orUnavailable(deps, Promise.reject(error));
        throw error;
      }
    },

    async countRequest(requests) {
      const { decision } = await countAndRead(hashKeys(deps, requests), []);
      return opensAt(decision.counted, deps.clock.now());
    },

    reset(limits) {
      const refunds = hashKeys(deps, limits).map(({ key, member, rule }) => ({
        key,
        member,
        rule,
        succeeded: true,
        resets: true,
      }));
      return refundAttempt(refunds, deps.clock.now());
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

/** An attempt that cannot be counted is rejected, never allowed (RL-10). */
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
