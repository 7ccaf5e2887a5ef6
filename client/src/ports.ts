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

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    // Outside a browser a waiting refresh must not keep the program alive.
    if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
};

/** The browser's locks; without them tabs rely on the server's replay window alone. */
export function systemLocks(): Locks | null {
  const { navigator } = globalThis as { navigator?: { readonly locks?: Locks } };
  return navigator?.locks ?? null;
}

/** Runs one after the other what has the same name: over all tabs with locks, in this tab without. */
export function createLock(locks: Locks | null) {
  const lines = new Map<string, Promise<unknown>>();
  return <Result>(name: string, hold: () => Promise<Result>): Promise<Result> => {
    if (locks) return locks.request(name, hold);
    const held = (lines.get(name) ?? Promise.resolve()).then(hold);
    const settled = held.catch(() => undefined);
    lines.set(name, settled);
    settled.then(() => {
      if (lines.get(name) === settled) lines.delete(name);
    });
    return held;
  };
}

/** The browser's channel; without it a tab learns of the others from their common storage. */
export function systemChannel(name: string): Channel | null {
  if (typeof BroadcastChannel === 'undefined') return null;
  const channel = new BroadcastChannel(name);
  (channel as { unref?: () => void }).unref?.();
  return channel;
}

/** Resolves after so many milliseconds. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.after(milliseconds, resolve));
}

/** Runs each time the network is back. @returns how to stop */
export function onOnline(run: () => void): () => void {
  const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
  page.addEventListener?.('online', run);
  return () => page.removeEventListener?.('online', run);
}
