import type { Executor } from '../db/driver/client.ts';
import { inOneTrip } from '../db/one-trip.ts';
import type { Deps } from '../deps.ts';
import { after, SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import type { Limit } from '../kernel/rate-limit.ts';
import { orUnavailable } from './failures.ts';
import {
  type CountResult,
  countAttempt,
  type HashedLimit,
  hashKeys,
  refundAttempt,
} from './store.ts';

/** A charge that was asked. */
export type Tried = {
  readonly charge: HashedLimit;
  readonly outcome: CountResult['outcome'];
  readonly closed: boolean;
  /** As the counter was left: with so many tries, over then. */
  readonly tries: number;
  readonly resetsAt: Date;
  /** The next try is let through from here on. */
  readonly opensAt: Date;
};

/** What a try was told. */
export type Taken = { readonly allowed: true; readonly tried: readonly Tried[] } | Refused;

/** A try that was not let through. */
export type Refused = {
  readonly allowed: false;
  readonly retryAfterSeconds: number;
  /** The name of the limit that refused it. */
  readonly limit: string;
  /** Up to the one that refused it. */
  readonly tried: readonly Tried[];
};

/**
 * Charges a try, and sends with the charge whatever the caller wants to read: one round trip. What
 * was read is looked at only when the try is allowed.
 */
export async function takeWith<Read>(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  charges: readonly HashedLimit[],
  alongside: (executor: Executor) => Promise<Read>,
): Promise<{ readonly taken: Taken; readonly read: Promise<Read> }> {
  const now = deps.clock.now();
  const sending = inOneTrip(deps.db, async (executor) => {
    const verdicts =
      charges.length === 0 ? Promise.resolve([]) : countAttempt(executor, charges, now);
    const read = alongside(executor);
    // The charge decides: a read that failed is told to whoever waits for it.
    for (const promise of [verdicts, read]) promise.catch(() => undefined);
    return { verdicts, read };
  });
  const verdicts = await orUnavailable(
    deps,
    sending.then((sent) => sent.verdicts),
  );
  return { taken: judge(charges, verdicts, now), read: (await sending).read };
}

/**
 * Charges a refused try to what stands in for its charges: a second round trip, which only who is
 * refused otherwise pays. The try was let through by all of the one or by all of the other, so there
 * are never more than both allow (RL-2).
 */
export async function takeInstead(
  deps: Pick<Deps, 'db' | 'clock' | 'log' | 'keyring'>,
  instead: readonly Limit[],
  refused: Refused,
): Promise<Taken> {
  const { taken } = await takeWith(deps, hashKeys(deps, instead), () => Promise.resolve());
  const tried = [...refused.tried, ...taken.tried];
  if (taken.allowed) return { allowed: true, tried };
  const retryAfterSeconds = Math.min(refused.retryAfterSeconds, taken.retryAfterSeconds);
  return { ...taken, retryAfterSeconds };
}

/** Counts a refusal for the operator: by the limit, whatever the width of the network. */
export function countRefusal({ meter }: Pick<Deps, 'meter'>, taken: Taken): void {
  if (taken.allowed) return;
  const [limit = ''] = taken.limit.split('/');
  meter.count('rateLimitRefusals', limit);
}

/** Tells a try from what became of each of its charges. */
export function judge(
  charges: readonly HashedLimit[],
  verdicts: readonly CountResult[],
  now: Date,
): Taken {
  const tried = charges.flatMap((charge) => {
    const verdict = verdicts.find(({ key }) => charge.key.equals(key));
    if (!verdict) return [];
    const { outcome, tries, opensAt } = verdict;
    const isFull = outcome === 'counted' && opensAt > now && !charge.rule.schedules;
    // One that refills closes with each try that it lets through while it is full: told once an allowance.
    const closed = isFull && (!charge.rule.refills || tries % charge.rule.allowance === 0);
    const resetsAt = after(now, charge.rule.period);
    return [{ charge, outcome, closed, tries, resetsAt, opensAt }];
  });
  const refused = verdicts.find((verdict) => verdict.outcome === 'refused');
  if (refused) {
    const wait = refused.opensAt.getTime() - now.getTime();
    const retryAfterSeconds = Math.max(1, Math.ceil(wait / SECOND));
    const limit = charges.find(({ key }) => key.equals(refused.key))?.rule.name ?? '';
    return { allowed: false, retryAfterSeconds, limit, tried };
  }
  // A device token that an undo has voided: nothing was counted, and what stands in for it decides.
  if (tried.length === 0 && charges[0]?.device) {
    const { name: limit } = charges[0].rule;
    return { allowed: false, retryAfterSeconds: Number.POSITIVE_INFINITY, limit, tried };
  }
  if (tried.length !== charges.length) throw new ServiceUnavailableError();
  return { allowed: true, tried };
}

/**
 * Gives a try back; one that succeeded also ends the failures in a row before it, on a budget that
 * refused it, too, where another one let it through instead.
 */
export async function restore(
  { clock }: Pick<Deps, 'clock'>,
  executor: Executor,
  tried: readonly Tried[],
  succeeded: boolean,
): Promise<void> {
  const given = tried.flatMap(({ charge: { key, member, rule: budget }, outcome }) => {
    const everything = succeeded && budget.waits !== undefined;
    // A refused try was not counted: there is none to give back.
    return outcome !== 'refused' || everything
      ? [{ key, member, succeeded, everything, budget }]
      : [];
  });
  if (given.length > 0) await refundAttempt(executor, given, clock.now());
}
