import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects all garbage of this process, then measures: without the collection, the figure depends on
 * when V8 last collected by itself.
 *
 * @returns the memory that is still reachable, in MiB
 */
export function reachableHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
