import { ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';

/** One key, and how many attempts of it may be under way at once. */
type ConcurrencyLimit = { readonly key: string; readonly most: number };

/** Makes attempts of the same key wait for each other, within this process. */
export type ConcurrencyLimits = {
  /**
   * @throws ServerBusyError if too many attempts of a key wait; the signal's reason if it was aborted
   *   first; ServiceUnavailableError if an attempt ahead failed with it
   */
  run<T>(
    limits: readonly ConcurrencyLimit[],
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T>;
};

/**
 * The largest number of waiting attempts. A person would not wait for more, so rejecting an attempt at once
 * is better than rejecting it late.
 */
const MOST_WAITING = 64;

type Waiter = { readonly proceed: () => void; readonly refuse: (reason: unknown) => void };
type State = { running: number; readonly waiting: Waiter[] };

/**
 * Limits how many attempts of one key run at once. All parallel attempts count until they are verified. So
 * without this limit, a person could exhaust a rate limit with attempts that are about to succeed (RL-4).
 */
export function createConcurrencyLimits(): ConcurrencyLimits {
  const states = new Map<string, State>();

  const acquire = async (
    { key, most }: ConcurrencyLimit,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    signal?.throwIfAborted();
    const state = states.get(key) ?? { running: 0, waiting: [] };
    states.set(key, state);
    if (state.running < most) {
      state.running += 1;
      return;
    }
    if (state.waiting.length >= MOST_WAITING) throw new ServerBusyError(1);
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        proceed: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        refuse: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      };
      const abort = () => {
        state.waiting.splice(state.waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      state.waiting.push(waiter);
    });
  };

  /**
   * Rejects all waiting attempts. Otherwise each would fail as slowly as the one before it, which could take
   * minutes in all (RR-11).
   */
  const refuseWaiting = ({ key }: ConcurrencyLimit, reason: ServiceUnavailableError): void => {
    for (const waiter of states.get(key)?.waiting.splice(0) ?? []) waiter.refuse(reason);
  };

  const release = ({ key }: ConcurrencyLimit): void => {
    const state = states.get(key);
    if (!state) return;
    const next = state.waiting.shift();
    // The next attempt replaces this one, so `running` does not change.
    if (next) {
      next.proceed();
      return;
    }
    state.running -= 1;
    if (state.running === 0) states.delete(key);
  };

  return {
    async run(limits, signal, work) {
      const acquired: ConcurrencyLimit[] = [];
      try {
        for (const limit of limits) {
          await acquire(limit, signal);
          acquired.push(limit);
        }
        return await work();
      } catch (error) {
        // The deadline of one request says nothing about the others.
        if (error instanceof ServiceUnavailableError && error !== signal?.reason) {
          for (const limit of acquired) refuseWaiting(limit, error);
        }
        throw error;
      } finally {
        for (const limit of acquired) release(limit);
      }
    },
  };
}
