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
