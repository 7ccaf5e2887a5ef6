import type { Executor } from '../db/client.ts';
import { inOneTrip } from '../db/one-trip.ts';
import type { Deps } from '../deps.ts';
import { after, SECOND } from '../kernel/duration.ts';
import { ServiceUnavailableError } from '../kernel/errors.ts';
import { orUnavailable } from './rules.ts';
import { giveBack, type KeyedCharge, takeTry, type Verdict } from './store.ts';

/** A charge that let its try through. */
export type Tried = {
  readonly charge: KeyedCharge;
  readonly outcome: 'counted' | 'known';
  readonly closed: boolean;
  /** As the counter was left: with so many tries, over then. */
  readonly tries: number;
  readonly resetsAt: Date;
};

/** What a try was told. */
export type Taken =
  | { readonly allowed: true; readonly tried: readonly Tried[] }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/**
 * Charges a try, and sends with the charge whatever the caller wants to read: one round trip. What
 * was read is looked at only when the try is allowed.
 */
export async function takeWith<Read>(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  charges: readonly KeyedCharge[],
  alongside: (executor: Executor) => Promise<Read>,
): Promise<{ readonly taken: Taken; readonly read: Promise<Read> }> {
  const now = deps.clock.now();
  const sending = inOneTrip(deps.db, async (executor) => {
    const verdicts = charges.length === 0 ? Promise.resolve([]) : takeTry(executor, charges, now);
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

/** Tells a try from what became of each of its charges. */
export function judge(
  charges: readonly KeyedCharge[],
  verdicts: readonly Verdict[],
  now: Date,
): Taken {
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
    const resetsAt = after(now, charge.budget.per);
    return { charge, outcome, closed, tries: verdict?.tries ?? 0, resetsAt } as const;
  });
  return { allowed: true, tried };
}

/** Gives a try back; one that succeeded also ends the failures in a row before it. */
export async function restore(
  { clock }: Pick<Deps, 'clock'>,
  executor: Executor,
  tried: readonly Tried[],
  succeeded: boolean,
): Promise<void> {
  const counted = succeeded ? tried : tried.filter(({ outcome }) => outcome === 'counted');
  if (counted.length === 0) return;
  const given = counted.map(({ charge: { key, member, budget } }) => ({
    key,
    member,
    all: succeeded && budget.waits !== undefined,
  }));
  await giveBack(executor, given, clock.now());
}
