/** A bounded queue in which sources take turns: one that floods waits behind itself only. */
export type FairQueue<T> = {
  /**
   * @returns null when the item found a place; the item itself when it did not; or the item of a
   *   greedier source that had to make room for it
   */
  add(source: string, item: T): T | null;
  /** True when an item of this source would find a place now. */
  hasRoom(source: string): boolean;
  /** The next item that is ready: sources in turn, first come first served within one. */
  take(isReady: (item: T) => boolean): T | undefined;
  /** Forgets an item that no longer waits. */
  remove(source: string, item: T): void;
  size(): number;
};

/**
 * @param capacity how many items may wait, over all sources
 */
export function createFairQueue<T>(capacity: () => number): FairQueue<T> {
  // A Map keeps insertion order, which is the order of turns: served sources go to the end.
  const lines = new Map<string, T[]>();
  let waiting = 0;

  const greediest = () =>
    [...lines].reduce<[string, T[]]>(
      (most, line) => (line[1].length > most[1].length ? line : most),
      ['', []],
    );

  const append = (source: string, item: T) => {
    const line = lines.get(source);
    if (line) line.push(item);
    else lines.set(source, [item]);
    waiting += 1;
  };

  // Only when the newcomer's source still has less afterwards: two equals never push each other out
  // in turns.
  const mayDisplace = (source: string, longest: readonly T[]) =>
    longest.length > (lines.get(source)?.length ?? 0) + 1;

  return {
    hasRoom: (source) => waiting < capacity() || mayDisplace(source, greediest()[1]),
    add(source, item) {
      if (waiting < capacity()) {
        append(source, item);
        return null;
      }
      const [, longest] = greediest();
      if (!mayDisplace(source, longest)) return item;
      const displaced = longest.pop();
      waiting -= 1;
      append(source, item);
      return displaced ?? null;
    },
    take(isReady) {
      for (const [source, line] of lines) {
        const index = line.findIndex(isReady);
        if (index === -1) continue;
        const [item] = line.splice(index, 1);
        lines.delete(source);
        if (line.length > 0) lines.set(source, line);
        waiting -= 1;
        return item;
      }
      return undefined;
    },
    remove(source, item) {
      const line = lines.get(source);
      const index = line?.indexOf(item) ?? -1;
      if (!line || index === -1) return;
      line.splice(index, 1);
      waiting -= 1;
      if (line.length === 0) lines.delete(source);
    },
    size: () => waiting,
  };
}
