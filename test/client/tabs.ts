import { setImmediate as immediate } from 'node:timers/promises';
import type { Channel, Clock, Locks, SyncStorage } from '../../client/src/index.ts';

/** A page's storage, visible to every tab. */
export function createStorage(): SyncStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => {
      items.set(key, value);
    },
    removeItem: (key) => {
      items.delete(key);
    },
  };
}

/** `navigator.locks`, as far as it is used: one holder of a name, the others wait. */
export function createLocks(): Locks {
  const lines = new Map<string, Promise<unknown>>();
  return {
    request: (name, hold) => {
      const held = (lines.get(name) ?? Promise.resolve()).then(hold);
      lines.set(
        name,
        held.catch(() => undefined),
      );
      return held;
    },
  };
}

/** Channels of one name: every other one receives a clone of what one posts, in a later microtask. */
export function createChannels(): { open(): Channel; settle(): Promise<void> } {
  type Listen = (event: { readonly data: unknown }) => void;
  const tabs = new Set<Set<Listen>>();
  let underWay = 0;
  return {
    open: () => {
      const own = new Set<Listen>();
      tabs.add(own);
      return {
        postMessage: (message) => {
          for (const tab of tabs) {
            if (tab === own) continue;
            const data: unknown = structuredClone(message);
            underWay += 1;
            setImmediate(() => {
              underWay -= 1;
              for (const listen of tab) listen({ data });
            });
          }
        },
        addEventListener: (_type, listen) => own.add(listen),
        close: () => tabs.delete(own),
      };
    },
    settle: async () => {
      do await immediate();
      while (underWay > 0);
    },
  };
}

/** A device's clock. Time moves with `advance`. Pauses of a few seconds pass at once. */
export type DeviceClock = Clock & { advance(milliseconds: number): void };

const SHORT_PAUSES: ReadonlySet<number> = new Set([10, 300, 1000, 3000]);

export function createDeviceClock(start: number): DeviceClock {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now,
    after: (milliseconds, run) => {
      if (SHORT_PAUSES.has(milliseconds)) {
        const immediate = setImmediate(run);
        return () => clearImmediate(immediate);
      }
      const timer = { at: now + milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      now += milliseconds;
      for (const timer of [...timers].sort((one, other) => one.at - other.at)) {
        if (timer.at > now || !timers.delete(timer)) continue;
        timer.run();
      }
    },
  };
}
