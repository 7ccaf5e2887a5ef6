import { type Clock, schedule } from './ports.ts';
import type { Kept } from './tokens.ts';

/** `localStorage`, `sessionStorage`, or an object that behaves like them. */
export type SyncStorage = {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

/** React Native's AsyncStorage, or an object that behaves like it. */
export type AsyncStorage = {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
};

/** How long reading an asynchronous storage may take. */
const READ_LIMIT = 5000;

/**
 * A storage as this library uses it: reads are answered from memory at once and never throw. Every write goes
 * to memory first and to the storage afterwards, so a storage that fails loses nothing in this tab.
 */
export type Shelf = {
  /** Null, or a promise that resolves when the asynchronous storage has been read. Never rejects. */
  ready(): Promise<void> | null;
  /** True if every tab of the origin can read at once what this tab writes. */
  isShared(): boolean;
  get(key: string): string | null;
  /** Null removes the key. */
  set(key: string, value: string | null): void;
};

/** Options of {@link createShelf}. */
export type ShelfOptions = {
  /** The keys to read ahead from an asynchronous storage. */
  readonly keys: readonly string[];
  readonly clock: Clock;
  /** Called with an error that the storage threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
};

/** Creates a shelf over a storage of either kind; in memory only for null. */
export function createShelf(
  storage: SyncStorage | AsyncStorage | null,
  { keys, clock, onError }: ShelfOptions,
): Shelf {
  const report = (error: unknown) => {
    try {
      onError?.(error);
    } catch {
      // An app whose error callback throws still keeps its session.
    }
  };
  if (!storage) return memoryShelf();
  let first: unknown;
  try {
    first = storage.getItem(keys[0] ?? '');
  } catch {
    // The storage is read again before its content is used.
  }
  if (isPromise(first)) {
    first.then(undefined, () => undefined);
    return asyncShelf(storage as AsyncStorage, { keys, clock, report });
  }
  return syncShelf(storage as SyncStorage, report);
}

type Report = (error: unknown) => void;

function memoryShelf(): Shelf {
  const values = new Map<string, string | null>();
  return {
    ready: () => null,
    isShared: () => false,
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
  };
}

function syncShelf(storage: SyncStorage, report: Report): Shelf {
  const known = new Map<string, string | null>();
  /** Values that could not be written: for each key, the value that the storage still holds. */
  const unsaved = new Map<string, string | null>();
  let isReadable = true;

  /** @returns undefined if the storage throws */
  const look = (key: string): string | null | undefined => {
    try {
      const value = storage.getItem(key) || null;
      isReadable = true;
      return value;
    } catch (error) {
      if (isReadable) report(error);
      isReadable = false;
      return undefined;
    }
  };

  return {
    ready: () => null,
    isShared: () => isReadable && unsaved.size === 0,
    get: (key) => {
      const stored = look(key);
      // The unsaved value counts as long as nobody else has written to the key since.
      const isStale = unsaved.has(key) && unsaved.get(key) === stored;
      if (stored === undefined || isStale) return known.get(key) ?? null;
      unsaved.delete(key);
      known.set(key, stored);
      return stored;
    },
    set: (key, value) => {
      known.set(key, value);
      try {
        if (value === null) storage.removeItem(key);
        else storage.setItem(key, value);
        unsaved.delete(key);
      } catch (error) {
        if (replace(storage, key, value)) unsaved.delete(key);
        else {
          report(error);
          unsaved.set(key, look(key) ?? null);
        }
      }
    },
  };
}

/**
 * A second way to store the value. A full storage may have room once the older value is removed. If it still
 * has none, no token is better than a rotated one: the next start would send it and be mistaken for a thief
 * (RR-7). A value that cannot be removed may still be overwritten.
 */
function replace(storage: SyncStorage, key: string, value: string | null): boolean {
  try {
    if (value === null) storage.setItem(key, '');
    else {
      storage.removeItem(key);
      storage.setItem(key, value);
    }
    return true;
  } catch {
    return false;
  }
}

function asyncShelf(
  storage: AsyncStorage,
  { keys, clock, report }: { keys: readonly string[]; clock: Clock; report: Report },
): Shelf {
  const values = new Map<string, string | null>();
  let isRead = false;
  let reading: Promise<void> | null = null;
  let writing = Promise.resolve();

  const read = async () => {
    try {
      const found = await within(clock, Promise.all(keys.map((key) => storage.getItem(key))));
      keys.forEach((key, index) => {
        // A value that was written in the meantime is newer.
        if (!values.has(key)) values.set(key, found[index] || null);
      });
      isRead = true;
    } catch (error) {
      report(error);
    } finally {
      reading = null;
    }
  };

  const write = async (key: string, value: string | null) => {
    // A later write of the same key replaces this one and must not be undone by it.
    if (values.get(key) !== value) return;
    try {
      await (value === null ? storage.removeItem(key) : storage.setItem(key, value));
    } catch (error) {
      try {
        if (value === null) await storage.setItem(key, '');
        else {
          await storage.removeItem(key);
          await storage.setItem(key, value);
        }
      } catch {
        report(error);
      }
    }
  };

  return {
    ready: () => {
      if (isRead) return null;
      reading ??= read();
      return reading;
    },
    isShared: () => false,
    get: (key) => values.get(key) ?? null,
    set: (key, value) => {
      values.set(key, value);
      writing = writing.then(() => write(key, value));
    },
  };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

async function within<Result>(clock: Clock, work: Promise<Result>): Promise<Result> {
  let cancel = () => {};
  const limit = new Promise<never>((_resolve, reject) => {
    cancel = schedule(clock, READ_LIMIT, () => reject(new Error('The storage did not respond.')));
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}

/** The tokens of one tab, or of all tabs if they share a storage. */
export type Keeper = Pick<Shelf, 'ready' | 'isShared'> & {
  read(): Kept | null;
  write(kept: Kept | null): void;
  readDevice(): string | null;
  writeDevice(deviceToken: string): void;
};

/** Stores tokens under `name` in a storage. Without a storage, they are kept in memory for this tab alone. */
export function createKeeper(
  storage: SyncStorage | AsyncStorage | null,
  name: string,
  options: Omit<ShelfOptions, 'keys'>,
): Keeper {
  const device = `${name}.device`;
  const shelf = createShelf(storage, { ...options, keys: [name, device] });
  return {
    ready: shelf.ready,
    isShared: shelf.isShared,
    read: () => parse(shelf.get(name)),
    write: (kept) => shelf.set(name, kept && JSON.stringify(kept)),
    readDevice: () => shelf.get(device),
    writeDevice: (deviceToken) => shelf.set(device, deviceToken),
  };
}

/**
 * The page's `localStorage`, looked up at each use. In a sandboxed frame, accessing the property throws;
 * outside of browsers, it does not exist.
 */
export const localStorageOfPage: SyncStorage = {
  getItem: (key) => globalThis.localStorage.getItem(key),
  setItem: (key, value) => globalThis.localStorage.setItem(key, value),
  removeItem: (key) => globalThis.localStorage.removeItem(key),
};

/**
 * A short list on a shelf, newest entry first. Anything may write to the storage, so `isEntry` checks each
 * entry.
 */
export function createList<Entry>(
  shelf: Shelf,
  key: string,
  most: number,
  isEntry: (value: Partial<Entry>) => boolean,
) {
  return {
    read: (): readonly Entry[] => {
      try {
        const value: unknown = JSON.parse(shelf.get(key) ?? '[]');
        return Array.isArray(value) ? value.filter((one) => one && isEntry(one)) : [];
      } catch {
        return [];
      }
    },
    write: (entries: readonly Entry[]): void =>
      shelf.set(key, entries.length === 0 ? null : JSON.stringify(entries.slice(0, most))),
  };
}

function parse(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text);
    return typeof value?.accessToken === 'string' ? value : null;
  } catch {
    // Anything may write to a page's storage. Foreign content counts as an empty list.
    return null;
  }
}
