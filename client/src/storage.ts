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
 * A storage with a copy in memory. Reads are answered from memory and never throw. Every write goes to memory
 * first and then to the storage, so if the storage fails, this tab loses nothing.
 */
export type CachedStorage = {
  /**
   * A promise that resolves when an asynchronous storage has been read. Null if there is nothing to wait for.
   * The promise never rejects.
   */
  ready(): Promise<void> | null;
  /** True if every tab of the origin can read at once what this tab writes. */
  isShared(): boolean;
  get(key: string): string | null;
  /** Null removes the key. */
  set(key: string, value: string | null): void;
};

/** Options of {@link createCachedStorage}. */
export type CachedStorageOptions = {
  /** The keys to read ahead from an asynchronous storage. */
  readonly keys: readonly string[];
  readonly clock: Clock;
  /** Called with an error that the storage threw. */
  readonly onError?: ((error: unknown) => void) | undefined;
};

/** Creates a cached storage over a storage of either kind. With null, the values are only in memory. */
export function createCachedStorage(
  storage: SyncStorage | AsyncStorage | null,
  { keys, clock, onError }: CachedStorageOptions,
): CachedStorage {
  const report = (error: unknown) => {
    try {
      onError?.(error);
    } catch {
      // An error in the app's callback must not end the session.
    }
  };
  if (!storage) return memoryStorage();
  let first: unknown;
  try {
    first = storage.getItem(keys[0] ?? '');
  } catch {
    // The error is ignored here, because the storage is read again before its content is used.
  }
  if (isPromise(first)) {
    first.then(undefined, () => undefined);
    return asyncStorage(storage as AsyncStorage, { keys, clock, report });
  }
  return syncStorage(storage as SyncStorage, report);
}

type Report = (error: unknown) => void;

function memoryStorage(): CachedStorage {
  const values = new Map<string, string | null>();
  return {
    ready: () => null,
    isShared: () => false,
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
  };
}

function syncStorage(storage: SyncStorage, report: Report): CachedStorage {
  const known = new Map<string, string | null>();
  /** Keys whose value could not be written, each with the value that the storage still has. */
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
      // The unsaved value is used until somebody else writes to the key.
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
 * Stores a value after a normal write has failed. A full storage may have room after the old value is
 * removed. If it still has no room, the key stays empty: the old token has been rotated, and sending it at
 * the next start would be mistaken for theft (RR-7). A value that cannot be removed may still be overwritten
 * with an empty one.
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

function asyncStorage(
  storage: AsyncStorage,
  { keys, clock, report }: { keys: readonly string[]; clock: Clock; report: Report },
): CachedStorage {
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
    // If a later write of the same key is waiting, this write is skipped so that it cannot undo the later
    // one.
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
export type TokenStore = Pick<CachedStorage, 'ready' | 'isShared'> & {
  read(): Kept | null;
  write(kept: Kept | null): void;
  readDevice(): string | null;
  writeDevice(deviceToken: string): void;
};

/** Stores tokens under `name` in a storage. Without a storage, they are kept in memory for this tab alone. */
export function createTokenStore(
  storage: SyncStorage | AsyncStorage | null,
  name: string,
  options: Omit<CachedStorageOptions, 'keys'>,
): TokenStore {
  const device = `${name}.device`;
  const cached = createCachedStorage(storage, { ...options, keys: [name, device] });
  return {
    ready: cached.ready,
    isShared: cached.isShared,
    read: () => parse(cached.get(name)),
    write: (kept) => cached.set(name, kept && JSON.stringify(kept)),
    readDevice: () => cached.get(device),
    writeDevice: (deviceToken) => cached.set(device, deviceToken),
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
 * A short list in a cached storage, newest entry first. Other code may write to the storage, so `isEntry`
 * checks each entry.
 */
export function createList<Entry>(
  storage: CachedStorage,
  key: string,
  most: number,
  isEntry: (value: Partial<Entry>) => boolean,
) {
  return {
    read: (): readonly Entry[] => {
      try {
        const value: unknown = JSON.parse(storage.get(key) ?? '[]');
        return Array.isArray(value) ? value.filter((one) => one && isEntry(one)) : [];
      } catch {
        return [];
      }
    },
    write: (entries: readonly Entry[]): void =>
      storage.set(key, entries.length === 0 ? null : JSON.stringify(entries.slice(0, most))),
  };
}

function parse(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text);
    return typeof value?.accessToken === 'string' ? value : null;
  } catch {
    // Other code may write to the storage of a page. Unreadable content counts as no tokens.
    return null;
  }
}
