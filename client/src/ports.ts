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

/** `setTimeout` has a 31-bit delay. A longer delay would fire at once. */
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
 * Calls `run` once after a delay. Does nothing where the platform does not allow timers, such as in a Worker
 * outside of a request.
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
 * Creates a function that runs tasks with the same name one after the other: across all tabs if locks are
 * available, within this tab otherwise. Sandboxed frames, for example, refuse locks. A suspended tab keeps its
 * lock while it is suspended, so nobody waits for a lock longer than `limit` milliseconds.
 */
export function createLock(locks: Locks | null, clock: Clock, limit: number) {
  const lines = new Map<string, Promise<unknown>>();
  const inThisTab = <Result>(name: string, hold: () => Promise<Result>): Promise<Result> => {
    const held = (lines.get(name) ?? Promise.resolve()).then(hold);
    const settled = held.catch(() => undefined);
    lines.set(name, settled);
    settled.then(() => {
      if (lines.get(name) === settled) lines.delete(name);
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
