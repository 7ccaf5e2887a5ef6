import { useCallback, useState } from 'react';
import { serverNow } from './server-clock.ts';

/** What a tab keeps over a reload. It ends with the tab, with its time, and with the person. */
const PREFIX = 'latchkey.kept.';

/**
 * State that a reload does not lose. It is in `sessionStorage`, which every script of the page can read, as it
 * can read what the page is sent: keep nothing there that outlives its step.
 *
 * @param until when the value is worthless; it is forgotten then
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

/** Forgets all of it: the next person in this tab must not find it. */
export function forgetKept(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // Storage that is refused has kept nothing.
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
    // Full or refused: then a reload begins the step anew.
  }
}
