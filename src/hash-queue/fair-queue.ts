import type { Source } from '../kernel/source.ts';

/**
 * A bounded queue that serves its sources round robin, so that a source that floods the queue only delays
 * itself. The widest networks alternate first, then the networks within them: the 65,536 networks of one
 * holder count as one, and a neighbor of a flood is served in alternation with it.
 */
export type FairQueue<T> = {
  /**
   * @returns null if there was room; the item itself if it was refused; or the item of another source, with
   *   more items in the queue, that was removed to make room
   */
  add(source: Source, item: T): T | null;
  /** True if {@link FairQueue.add} would accept an item of this source now. */
  hasRoom(source: Source): boolean;
  /** Removes the next item that is ready: round robin between sources, first in, first out within one. */
  take(isReady: (item: T) => boolean): T | undefined;
  /** Removes an item that no longer waits; does nothing for an item that is not in the queue. */
  remove(source: Source, item: T): void;
  size(): number;
};

/**
 * One network: the networks within it, in the order in which they will be served (a Map keeps insertion
 * order, and a network that was served moves to the end), or the items of the narrowest one.
 */
type Network<T> = { readonly within: Map<string, Network<T>>; readonly items: T[]; size: number };

/**
 * @param capacity the most items that may wait, over all sources
 */
export function createFairQueue<T>(capacity: () => number): FairQueue<T> {
  const root = newNetwork<T>();

  return {
    hasRoom: (source) => root.size < capacity() || findLarger(root, widestFirst(source)) !== null,
    add(source, item) {
      const path = widestFirst(source);
      if (root.size < capacity()) {
        append(root, path, item);
        return null;
      }
      const larger = findLarger(root, path);
      if (!larger) return item;
      const displaced = takeLast(root, larger);
      append(root, path, item);
      return displaced ?? null;
    },
    take: (isReady) => takeNext(root, isReady),
    remove(source, item) {
      removeFrom(root, widestFirst(source), item);
    },
    size: () => root.size,
  };
}

function newNetwork<T>(): Network<T> {
  return { within: new Map(), items: [], size: 0 };
}

function widestFirst(source: Source): readonly string[] {
  return source.toReversed();
}

function append<T>(network: Network<T>, [name, ...rest]: readonly string[], item: T): void {
  network.size += 1;
  if (name === undefined) {
    network.items.push(item);
    return;
  }
  const next = network.within.get(name) ?? newNetwork<T>();
  network.within.set(name, next);
  append(next, rest, item);
}

/**
 * Finds the network that must give up an item for a new one; null if there is none. Afterwards that network
 * must still have more items than the network of the new item. Otherwise two equal sources would displace
 * each other in turns.
 */
function findLarger<T>(
  network: Network<T>,
  [name, ...rest]: readonly string[],
): readonly string[] | null {
  if (name === undefined) return null;
  const own = network.within.get(name);
  const largest = largestOf(network);
  if (largest && largest[1].size > (own?.size ?? 0) + 1) return [largest[0]];
  const within = own ? findLarger(own, rest) : null;
  return within && [name, ...within];
}

function largestOf<T>(network: Network<T>): [string, Network<T>] | undefined {
  return [...network.within].reduce<[string, Network<T>] | undefined>(
    (most, one) => (most && most[1].size >= one[1].size ? most : one),
    undefined,
  );
}

/** Removes the newest item of the largest network at the end of a path. */
function takeLast<T>(network: Network<T>, [name, ...rest]: readonly string[]): T | undefined {
  const chosen = name ?? largestOf(network)?.[0];
  const next = chosen === undefined ? undefined : network.within.get(chosen);
  const taken = next ? takeLast(next, rest) : network.items.pop();
  network.size -= 1;
  if (chosen !== undefined && next?.size === 0) network.within.delete(chosen);
  return taken;
}

function takeNext<T>(network: Network<T>, isReady: (item: T) => boolean): T | undefined {
  const index = network.items.findIndex(isReady);
  if (index !== -1) {
    network.size -= 1;
    return network.items.splice(index, 1)[0];
  }
  for (const [name, next] of network.within) {
    const item = takeNext(next, isReady);
    if (item === undefined) continue;
    network.size -= 1;
    network.within.delete(name);
    if (next.size > 0) network.within.set(name, next);
    return item;
  }
  return undefined;
}

/** @returns true if the item was in the queue */
function removeFrom<T>(network: Network<T>, [name, ...rest]: readonly string[], item: T): boolean {
  const next = name === undefined ? undefined : network.within.get(name);
  const index = next ? -1 : network.items.indexOf(item);
  const isFound = next ? removeFrom(next, rest, item) : index !== -1;
  if (!isFound) return false;
  if (index !== -1) network.items.splice(index, 1);
  network.size -= 1;
  if (name !== undefined && next?.size === 0) network.within.delete(name);
  return true;
}
