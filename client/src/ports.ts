import type { Kept } from './tokens.ts';

/** The time functions that a session uses. */
export type Clock = {
  now(): number;
  /**
   * Calls `run` once after a delay.
   *
   * @returns a function that cancels the call
   */
  after(milliseconds: number, run: () => void): () => void;
};

/** `navigator.locks`: at any time, one holder of each name across all tabs. */
export type Locks = { request<Result>(name: string, hold: () => Promise<Result>): Promise<Result> };

/** A `BroadcastChannel`: every other tab receives what one tab posts. */
export type Channel = {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listen: (event: { readonly data: unknown }) => void): void;
  close(): void;
};

/** A message from one tab to the others. `kept` is omitted if the tabs share a storage. */
export type TabMessage =
  | { readonly kind: 'hello' }
  | { readonly kind: 'tokens'; readonly kept: Kept | null }
  | {
      readonly kind: 'signed-out';
      readonly because: 'signed-out' | 'ended';
      readonly sessionId: string | null;
    };

/** The longest delay of `setTimeout`, which has 31 bits. A longer delay would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_DELAY));
    // Outside a browser, a scheduled refresh must not keep the process alive.
    if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
};

/**
 * Calls `run` once after a delay. If the platform does not allow timers, such as in a Worker outside of a
 * request, `run` is never called.
 *
 * @returns a function that cancels the call
 */
export function schedule(clock: Clock, milliseconds: number, run: () => void): () => void {
  try {
    return clock.after(milliseconds, run);
  } catch {
    return () => undefined;
  }
}

/** The browser's locks. Without them, tabs rely on the server's replay window alone. */
export function systemLocks(): Locks | null {
  try {
    const { navigator } = globalThis as { navigator?: { readonly locks?: Locks } };
    return navigator?.locks ?? null;
  } catch {
    return null;
  }
}

/**
 * Creates a function that runs tasks with the same name one after the other. If the browser's locks are
 * available, this holds across all tabs; otherwise, for example in a sandboxed frame, within this tab. A
 * suspended tab keeps its lock, so after `limit` milliseconds a task runs without the lock.
 */
export function createLock(locks: Locks | null, clock: Clock, limit: number) {
  const queues = new Map<string, Promise<unknown>>();
  const inThisTab = <Result>(name: string, hold: () => Promise<Result>): Promise<Result> => {
    const held = (queues.get(name) ?? Promise.resolve()).then(hold);
    const settled = held.catch(() => undefined);
    queues.set(name, settled);
    settled.then(() => {
      if (queues.get(name) === settled) queues.delete(name);
    });
    return held;
  };
  return <Result>(name: string, hold: () => Promise<Result>): Promise<Result> => {
    if (!locks) return inThisTab(name, hold);
    return new Promise((resolve, reject) => {
      let run: Promise<Result> | null = null;
      const begin = () => {
        cancel();
        run ??= inThisTab(name, hold);
        run.then(resolve, reject);
        // The lock is held until the task has finished, whether it succeeds or fails.
        return run.catch(() => undefined);
      };
      const cancel = schedule(clock, limit, begin);
      try {
        locks.request(name, begin).catch(begin);
      } catch {
        begin();
      }
    });
  };
}

/** The browser's broadcast channel. Without one, a tab learns about other tabs from their shared storage. */
export function systemChannel(name: string): Channel | null {
  try {
    const channel = new BroadcastChannel(name);
    (channel as { unref?: () => void }).unref?.();
    return channel;
  } catch {
    return null;
  }
}

/** Resolves after the given number of milliseconds. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    try {
      clock.after(milliseconds, resolve);
    } catch {
      resolve();
    }
  });
}

/**
 * Calls `run` whenever the network is available again.
 *
 * @returns a function that stops the calls
 */
export function onOnline(run: () => void): () => void {
  const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  page.addEventListener?.('online', run);
  return () => page.removeEventListener?.('online', run);
}
