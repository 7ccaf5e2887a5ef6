import { readdirSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { SECOND } from '../kernel/duration.ts';
import type { Registry } from './registry.ts';

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

const COLLECTIONS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

/** Measures the process and its runtime until `stop()`. */
export function measureProcess(registry: Registry): { stop(): void } {
  registry.watch('processCpu', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS;
  });
  const startedAt = Date.now() / SECOND - process.uptime();
  registry.watch('processStart', () => startedAt);
  registry.watch('processMemory', () => process.memoryUsage.rss());
  registry.watch('processOpenFiles', openFiles);
  registry.watch('heapUsed', () => process.memoryUsage().heapUsed);
  registry.watch('heapLimit', () => getHeapStatistics().heap_size_limit);

  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  registry.watch('eventLoopDelayP99', () => delay.percentile(99) / NANOSECONDS);
  // Collected last, so that it can begin the next measurement.
  registry.watch('eventLoopDelayMax', () => {
    const longest = delay.max / NANOSECONDS;
    delay.reset();
    return longest;
  });

  const collections = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = COLLECTIONS[kindOf(entry)] ?? 'other';
      registry.record('garbageCollection', [kind], entry.duration / SECOND);
    }
  });
  collections.observe({ entryTypes: ['gc'] });

  return {
    stop() {
      delay.disable();
      collections.disconnect();
    },
  };
}

function kindOf(entry: object): number {
  const detail: unknown = Reflect.get(entry, 'detail');
  return typeof detail === 'object' && detail !== null && 'kind' in detail
    ? Number(detail.kind)
    : -1;
}

/** Linux answers this cheaply. Other systems have no series. */
function openFiles(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    // A container may hide /proc.
    return null;
  }
}
