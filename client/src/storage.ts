import type { Kept } from './tokens.ts';

/** `localStorage`, `sessionStorage`, or anything that behaves like them. */
export type StorageLike = {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

/** The tokens of one tab, or of all of them when they share a storage. */
export type Keeper = {
  /** True when what one tab writes, every tab reads. */
  readonly shared: boolean;
  read(): Kept | null;
  write(kept: Kept | null): void;
  readDevice(): string | null;
  writeDevice(deviceToken: string): void;
};

/** Keeps tokens under `name` in a storage; in memory, and for this tab alone, without one. */
export function createKeeper(storage: StorageLike | null, name: string): Keeper {
  const place = storage ?? memoryStorage();
  const device = `${name}.device`;
  return {
    shared: storage !== null,
    read: () => parse(place.getItem(name)),
    write: (kept) => {
      if (kept) place.setItem(name, JSON.stringify(kept));
      else place.removeItem(name);
    },
    readDevice: () => place.getItem(device),
    writeDevice: (deviceToken) => place.setItem(device, deviceToken),
  };
}

/**
 * The storage that every tab of the browser shares and that outlives them: `localStorage`. Where it
 * is missing, forbidden or full, what is written stays in this tab's memory.
 */
export function durableStorage(): StorageLike {
  const memory = memoryStorage();
  const attempt = <Result>(use: (storage: StorageLike) => Result): Result => {
    try {
      // Reading the property alone throws in a sandboxed frame.
      return use(globalThis.localStorage ?? memory);
    } catch {
      return use(memory);
    }
  };
  return {
    getItem: (key) => memory.getItem(key) ?? attempt((storage) => storage.getItem(key)),
    setItem: (key, value) => {
      memory.removeItem(key);
      attempt((storage) => storage.setItem(key, value));
    },
    removeItem: (key) => {
      memory.removeItem(key);
      attempt((storage) => storage.removeItem(key));
    },
  };
}

/** A short list in a storage, newest first. Anything may write there: `isEntry` says what is ours. */
export function createList<Entry>(
  storage: StorageLike,
  key: string,
  most: number,
  isEntry: (value: Partial<Entry>) => boolean,
) {
  return {
    read: (): readonly Entry[] => {
      try {
        const value: unknown = JSON.parse(storage.getItem(key) ?? '[]');
        return Array.isArray(value) ? value.filter((one) => one && isEntry(one)) : [];
      } catch {
        return [];
      }
    },
    write: (entries: readonly Entry[]): void => {
      if (entries.length === 0) storage.removeItem(key);
      else storage.setItem(key, JSON.stringify(entries.slice(0, most)));
    },
  };
}

function memoryStorage(): StorageLike {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => {
      values.set(key, value);
    },
    removeItem: (key) => {
      values.delete(key);
    },
  };
}

function parse(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text);
    return typeof value?.accessToken === 'string' ? value : null;
  } catch {
    // Anything may write into a page's storage; what is not ours counts as nothing.
    return null;
  }
}
