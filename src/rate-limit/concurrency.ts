import { ServerBusyError, ServiceUnavailableError } from '../kernel/errors.ts';

/** One key and how many may be under way for it at once. */
type Lane = { readonly key: string; readonly width: number };

/** Puts work for the same key in line, within this process. */
export type ConcurrencyLimits = {
  /**
   * @throws ServerBusyError when the line is full; the signal's reason when it was aborted first;
   *   ServiceUnavailableError when the work ahead met it
   */
  run<T>(
    lanes: readonly Lane[],
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T>;
};

/** As long as a person would wait; beyond it an early refusal is kinder than a late one. */
const LONGEST_LINE = 64;

type Waiter = { readonly proceed: () => void; readonly refuse: (reason: unknown) => void };
type State = { running: number; readonly waiting: Waiter[] };

/**
 * Parallel tries hold a place in their budgets until they are judged. Running only a few of one key
 * at once keeps the innocent from using up a budget with tries that are about to succeed.
 */
export function createConcurrencyLimits(): ConcurrencyLimits {
  const states = new Map<string, State>();

  const enter = async ({ key, width }: Lane, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    const state = states.get(key) ?? { running: 0, waiting: [] };
    states.set(key, state);
    if (state.running < width) {
      state.running += 1;
      return;
    }
    if (state.waiting.length >= LONGEST_LINE) throw new ServerBusyError(1);
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        proceed: () => {
          signal?.removeEventListener('abort', abandon);
          resolve();
        },
        refuse: (reason) => {
          signal?.removeEventListener('abort', abandon);
          reject(reason);
        },
      };
      const abandon = () => {
        state.waiting.splice(state.waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abandon, { once: true });
      state.waiting.push(waiter);
    });
  };

  /** Each of a line would wait as long as the one before it: minutes, one after the other (RR-11). */
  const dissolve = ({ key }: Lane, reason: ServiceUnavailableError): void => {
    for (const waiter of states.get(key)?.waiting.splice(0) ?? []) waiter.refuse(reason);
  };

  const leave = ({ key }: Lane): void => {
    const state = states.get(key);
    if (!state) return;
    const next = state.waiting.shift();
    // A place is handed on, not freed: `running` stays as it is.
    if (next) {
      next.proceed();
      return;
    }
    state.running -= 1;
    if (state.running === 0) states.delete(key);
  };

  return {
    async run(lanes, signal, work) {
      const entered: Lane[] = [];
      try {
        for (const lane of lanes) {
          await enter(lane, signal);
          entered.push(lane);
        }
        return await work();
      } catch (error) {
        // One request's own deadline says nothing about the others.
        if (error instanceof ServiceUnavailableError && error !== signal?.reason) {
          for (const lane of entered) dissolve(lane, error);
        }
        throw error;
      } finally {
        for (const lane of entered) leave(lane);
      }
    },
  };
}
