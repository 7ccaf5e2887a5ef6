import type { Source } from '../../kernel/source.ts';

/**
 * A bounded queue in which sources take turns: a source that floods waits behind itself only. The
 * widest networks take turns first, then the networks within them: 65,536 networks of one holder are
 * one turn, and a neighbor of a flood has a turn within it.
 */
export type FairQueue<T> = {
  /**
   * @returns null when the item found a place; the item itself when it did not; or the item of a
   *   greedier source that had to make room for it
   */
  add(source: Source, item: T): T | null;
  /** True when an item of this source would find a place now. */
  hasRoom(source: Source): boolean;
  /** The next item that is ready: sources in turn, first come first served within one. */
  take(isReady: (item: T) => boolean): T | undefined;
  /** Forgets an item that no longer waits. */
  remove(source: Source, item: T): void;
  size(): number;
};

/**
 * One network: the networks within it, in the order of their turns (a Map keeps insertion order, and
 * whoever was served goes to the end), or the items of the narrowest.
 */
type Network<T> = { readonly within: Map<string, Network<T>>; readonly items: T[]; size: number };

/**
 * @param capacity how many items may wait, over all sources
 */
export function createFairQueue<T>(capacity: () => number): FairQueue<T> {
  const everybody = newNetwork<T>();

  return {
    hasRoom: (source) =>
      everybody.size < capacity() || findGreedier(everybody, widestFirst(source)) !== null,
    add(source, item) {
      const path = widestFirst(source);
      if (everybody.size < capacity()) {
        append(everybody, path, item);
        return null;
      }
      const greedier = findGreedier(everybody, path);
      if (!greedier) return item;
      const displaced = takeLast(everybody, greedier);
      append(everybody, path, item);
      return displaced ?? null;
    },
    take: (isReady) => takeNext(everybody, isReady),
    remove(source, item) {
      removeFrom(everybody, widestFirst(source), item);
    },
    size: () => everybody.size,
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
 * The path to the network that has to make room for a newcomer, or null. It must still have more than
 * the newcomer's network afterwards: two equals never push each other out in turns.
 */
function findGreedier<T>(
  network: Network<T>,
  [name, ...rest]: readonly string[],
): readonly string[] | null {
  if (name === undefined) return null;
  const own = network.within.get(name);
  const greediest = greediestOf(network);
  if (greediest && greediest[1].size > (own?.size ?? 0) + 1) return [greediest[0]];
  const within = own ? findGreedier(own, rest) : null;
  return within && [name, ...within];
}

function greediestOf<T>(network: Network<T>): [string, Network<T>] | undefined {
  return [...network.within].reduce<[string, Network<T>] | undefined>(
    (most, one) => (most && most[1].size >= one[1].size ? most : one),
    undefined,
  );
}

/** Takes the newest item of the greediest network at the end of a path. */
function takeLast<T>(network: Network<T>, [name, ...rest]: readonly string[]): T | undefined {
  const chosen = name ?? greediestOf(network)?.[0];
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

/** @returns true when the item was there */
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
