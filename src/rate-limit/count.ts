import type { Executor } from '../db/executor.ts';
import { run } from '../db/executor.ts';
import type { Statement } from '../db/statement.ts';
import { map } from '../db/statement.ts';
import type { Deps } from '../deps.ts';
import { after, SECOND } from '../kernel/duration.ts';
import { RateLimitedError, ServiceUnavailableError } from '../kernel/errors.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import {
  assertAllowed,
  type CountResult,
  countAttempt,
  type HashedLimit,
  hashKeys,
} from './store.ts';

/** A limit that an attempt was presented to. */
export type CountedLimit = {
  readonly limit: HashedLimit;
  readonly outcome: CountResult['outcome'];
  /** True if the attempt closed the limit: the audit log records it once, not at every refusal (LO-1). */
  readonly isClosed: boolean;
  /** The counter as the attempt left it. */
  readonly tries: number;
  readonly resetsAt: Date;
  /** When the limit allows the next attempt. */
  readonly opensAt: Date;
};

/** The decision of the limits about an attempt. */
export type Decision =
  | { readonly allowed: true; readonly counted: readonly CountedLimit[] }
  | Refusal;

/** An attempt that a limit refused. */
export type Refusal = {
  readonly allowed: false;
  readonly retryAfterSeconds: number;
  /** The name of the rule that refused it. */
  readonly rule: string;
  /** Up to and including the limit that refused it. */
  readonly counted: readonly CountedLimit[];
};

/** Decides about an attempt from the answer to {@link countAttempt}. */
export function decide(
  limits: readonly HashedLimit[],
  results: readonly CountResult[],
  now: Date,
): Decision {
  const counted = limits.flatMap((limit) => {
    const result = results.find(({ key }) => limit.key.equals(key));
    return result ? [countedLimit(limit, result, now)] : [];
  });
  const refused = counted.find(({ outcome }) => outcome === 'refused');
  if (refused) {
    const wait = refused.opensAt.getTime() - now.getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil(wait / SECOND));
    return { allowed: false, retryAfterSeconds, rule: refused.limit.rule.name, counted };
  }
  // An undo has voided the device token: nothing was counted, and the fallback decides.
  if (counted.length === 0 && limits[0]?.device) {
    const rule = limits[0].rule.name;
    return { allowed: false, retryAfterSeconds: Number.POSITIVE_INFINITY, rule, counted };
  }
  if (counted.length !== limits.length) throw new ServiceUnavailableError();
  return { allowed: true, counted };
}

function countedLimit(limit: HashedLimit, result: CountResult, now: Date): CountedLimit {
  const { rule } = limit;
  const { outcome, tries, opensAt } = result;
  // A limit of one is full after each act that it allows, which is not worth a report.
  const isFull = outcome === 'counted' && opensAt > now && !rule.schedules && rule.allowance > 1;
  // A full limit that refills closes again with each attempt that it allows: reported once an allowance.
  const isClosed = isFull && (!rule.refills || tries % rule.allowance === 0);
  return { limit, outcome, isClosed, tries, resetsAt: after(now, rule.period), opensAt };
}

/** Counts a refusal for the operator by its rule, whatever the width of the network. */
export function measureRefusal({ meter }: Pick<Deps, 'meter'>, decision: Decision): void {
  if (decision.allowed) return;
  const [rule = ''] = decision.rule.split('/');
  meter.count('rateLimitRefusals', rule);
}

type CountDeps = Pick<Deps, 'clock' | 'keyring' | 'meter'>;

/**
 * Counts an act within the transaction of what it writes. If a limit refuses the act and the caller lets
 * the error end its transaction, nothing is written and nothing is counted.
 *
 * @returns the names of the rules whose limits this act closed
 * @throws RateLimitedError
 */
export async function countInTransaction(
  deps: CountDeps,
  tx: Executor,
  limits: readonly Limit[],
): Promise<readonly string[]> {
  const hashed = hashKeys(deps, limits);
  const now = deps.clock.now();
  const decision = decide(hashed, await run(tx, countAttempt(hashed, now)), now);
  measureRefusal(deps, decision);
  if (!decision.allowed) throw new RateLimitedError(decision.retryAfterSeconds);
  return closedRules(decision);
}

/** An act that is counted within a pipeline. */
export type PipelineCount = {
  /** Counts the act, and aborts the pipeline's transaction if a limit refuses it. */
  readonly statements: readonly Statement<void>[];
  /** Why the transaction was aborted; null if not because of the limits. */
  refusal(): RateLimitedError | null;
  /** The names of the rules whose limits the act closed. */
  closed(): readonly string[];
};

/**
 * {@link countInTransaction} for a transaction that is sent as one pipeline: nothing can be decided before
 * all of it was sent, so a refusal is an assertion that fails.
 */
export function countInPipeline(deps: CountDeps, limits: readonly Limit[]): PipelineCount {
  const hashed = hashKeys(deps, limits);
  const now = deps.clock.now();
  let decision: Decision | null = null;
  const counting = map(countAttempt(hashed, now), (results) => {
    decision = decide(hashed, results, now);
    measureRefusal(deps, decision);
  });
  return {
    statements: [counting, assertAllowed(hashed)],
    refusal: () =>
      decision && !decision.allowed ? new RateLimitedError(decision.retryAfterSeconds) : null,
    closed: () => (decision ? closedRules(decision) : []),
  };
}

function closedRules({ counted }: Decision): readonly string[] {
  return counted.filter(({ isClosed }) => isClosed).map(({ limit }) => limit.rule.name);
}
