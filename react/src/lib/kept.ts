import { useCallback, useState } from 'react';
import { serverNow } from './server-clock.ts';

/**
 * What a tab keeps across a reload. It is deleted with the tab, when it expires, and when the person signs out.
 */
const PREFIX = 'latchkey.kept.';

/**
 * State that survives a reload. It is in `sessionStorage`, which every script of the page can read, just as it
 * can read what the page receives. Do not keep anything there for longer than the step it belongs to.
 *
 * @param until when the value expires and is deleted
 */
export function useKept<Value>(
  name: string,
): readonly [Value | null, (value: Value | null, until?: string) => void] {
  const [value, setValue] = useState<Value | null>(() => read(name));
  const keep = useCallback(
    (next: Value | null, until?: string) => {
      setValue(next);
      write(name, next === null ? null : JSON.stringify({ value: next, until: until ?? null }));
    },
    [name],
  );
  return [value, keep];
}

/** Deletes all of it, because the next person in this tab must not find it. */
export function forgetKept(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // A storage that throws has kept nothing.
  }
}

function read<Value>(name: string): Value | null {
  try {
    const text = sessionStorage.getItem(PREFIX + name);
    if (text === null) return null;
    const kept: { readonly value: Value; readonly until: string | null } = JSON.parse(text);
    if (kept.until === null || Date.parse(kept.until) > serverNow()) return kept.value;
    write(name, null);
    return null;
  } catch {
    return null;
  }
}

function write(name: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, text);
  } catch {
    // The storage is full or throws. A reload then starts the step from the beginning.
  }
}
