/** What Yoga asks of a cache. */
export type DocumentCache<T> = {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
};

/**
 * Remembers what was made of a document's text, up to so many characters in all. Anybody can send
 * documents, and what the parser makes of one takes some hundred times its text: counted by entries,
 * a stranger could fill the memory (GQ-13).
 *
 * What has to go is what came first and was not asked for since the last time something had to
 * ("second chance"): to be asked for moves nothing, since a Map of which entries are taken with every
 * request goes to a new table every few requests (ADR-0024).
 */
export function createDocumentCache<T>(characters = 250_000): DocumentCache<T> {
  const entries = new Map<string, { readonly value: T; isUsed: boolean }>();
  let held = 0;

  const makeRoom = (newest: string) => {
    // Entries that are put back come round again, then without the mark.
    for (const [text, entry] of entries) {
      if (held <= characters) return;
      if (text === newest) continue;
      entries.delete(text);
      if (entry.isUsed) entries.set(text, { ...entry, isUsed: false });
      else held -= text.length;
    }
  };

  return {
    get(text) {
      const entry = entries.get(text);
      if (entry) entry.isUsed = true;
      return entry?.value;
    },
    set(text, value) {
      if (!entries.delete(text)) held += text.length;
      entries.set(text, { value, isUsed: false });
      makeRoom(text);
    },
  };
}
