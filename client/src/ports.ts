import type { Kept } from './tokens.ts';

/** Time, as the session keeper needs it. */
export type Clock = {
  now(): number;
  /** Runs once after so many milliseconds. @returns how to call it off */
  after(milliseconds: number, run: () => void): () => void;
};

/** `navigator.locks`: one holder of a name at a time, over all tabs. */
export type Locks = { request<Result>(name: string, hold: () => Promise<Result>): Promise<Result> };

/** A `BroadcastChannel`: what one tab posts, every other receives. */
export type Channel = {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listen: (event: { readonly data: unknown }) => void): void;
  close(): void;
};

/** What tabs tell each other. `kept` is left out where they share a storage. */
export type TabMessage =
  | { readonly kind: 'hello' }
  | { readonly kind: 'tokens'; readonly kept: Kept | null }
  | {
      readonly kind: 'signed-out';
      readonly because: 'signed-out' | 'ended';
      readonly sessionId: string | null;
    };

/** `setTimeout` counts in 31 bits: a longer delay would be none at all. */
const LONGEST_DELAY = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_DELAY));
    // Outside a browser a waiting refresh must not keep the program alive.
    if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
};

/**
 * Runs once after so many milliseconds; never where the platform refuses timers, as Workers do
 * outside of a request. @returns how to call it off
 */
export function schedule(clock: Clock, milliseconds: number, run: () => void): () => void {
  try {
    return clock.after(milliseconds, run);
  } catch {
    return () => undefined;
  }
}

/** The browser's locks; without them tabs rely on the server's replay window alone. */
export function systemLocks(): Locks | null {
  try {
    const { navigator } = globalThis as { navigator?: { readonly locks?: Locks } };
    return navigator?.locks ?? null;
  } catch {
    return null;
  }
}

/**
 * Runs one after the other what has the same name: over all tabs with locks, in this tab without,
 * and so also where the platform refuses locks, as it does in sandboxed frames. A suspended tab
 * keeps its lock for as long as it is suspended: after `limit` milliseconds nobody waits for it.
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
        // The lock is held until the work is done, whatever comes of it.
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

/** The browser's channel; without it a tab learns of the others from their common storage. */
export function systemChannel(name: string): Channel | null {
  try {
    const channel = new BroadcastChannel(name);
    (channel as { unref?: () => void }).unref?.();
    return channel;
  } catch {
    return null;
  }
}

/** Resolves after so many milliseconds. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    try {
      clock.after(milliseconds, resolve);
    } catch {
      resolve();
    }
  });
}

/** Runs each time the network is back. @returns how to stop */
export function onOnline(run: () => void): () => void {
  const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  page.addEventListener?.('online', run);
  return () => page.removeEventListener?.('online', run);
}
