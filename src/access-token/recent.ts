/** A map that forgets the entries that were not read recently. */
export type Recent<Value> = {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
};

/**
 * Keeps at most `maxEntries` in two generations. An entry that is read moves to the young generation.
 * When the young generation is full, it becomes the old one, and the previous old one is dropped.
 * The result is close to least-recently-used, at the cost of a plain map.
 */
export function createRecent<Value>(maxEntries: number): Recent<Value> {
  const generation = Math.max(1, Math.floor(maxEntries / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();

  const set = (key: string, value: Value) => {
    if (young.size >= generation && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };

  return {
    set,
    get(key) {
      const fresh = young.get(key);
      if (fresh !== undefined) return fresh;
      const kept = old.get(key);
      if (kept !== undefined) {
        old.delete(key);
        set(key, kept);
      }
      return kept;
    },
  };
}
