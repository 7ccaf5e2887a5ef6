/** What Yoga asks of a cache. */
export type DocumentCache<T> = {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
};

/**
 * Remembers what was last made of a document's text, up to so many characters in all. Anybody can
 * send documents, and what the parser makes of one takes some hundred times its text: counted by
 * entries, a stranger could fill the memory (GQ-13).
 */
export function createDocumentCache<T>(characters = 250_000): DocumentCache<T> {
  // A Map keeps insertion order: what is read goes to the end, what is first was read longest ago.
  const entries = new Map<string, T>();
  let held = 0;
  let newest: string | null = null;
  return {
    get(text) {
      const value = entries.get(text);
      // What is asked for again and again stays where it is: a Map moves to a new table after every
      // few removals (docs/decisions/0026).
      if (value === undefined || text === newest) return value;
      newest = text;
      entries.delete(text);
      entries.set(text, value);
      return value;
    },
    set(text, value) {
      newest = text;
      if (!entries.delete(text)) held += text.length;
      entries.set(text, value);
      for (const oldest of entries.keys()) {
        if (held <= characters) return;
        entries.delete(oldest);
        held -= oldest.length;
      }
    },
  };
}
