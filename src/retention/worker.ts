import type { Deps } from '../deps.ts';
import { MINUTE } from '../kernel/duration.ts';
import { type Purge, purgeAll } from './purge.ts';

/** What this process has removed since its start, for metrics. */
type HousekeepingStats = {
  readonly removed: Readonly<Record<string, number>>;
  readonly failures: number;
};

/** The housekeeping of this process. */
export type Housekeeping = {
  readonly stats: () => HousekeepingStats;
  /** Starts no batch more and waits for the one under way. */
  stop(): Promise<void>;
};

type WorkerOptions = {
  readonly lookEvery?: number;
  readonly ahead?: () => Promise<void>;
};

/**
 * Looks now and then whether it is this instance's turn to remove what is over. No failure leaves
 * this function: it is logged, and tried again at the next look.
 */
export function startHousekeeping(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  purges: readonly Purge[],
  { lookEvery = MINUTE, ahead }: WorkerOptions = {},
): Housekeeping {
  const stopping = new AbortController();
  const { signal } = stopping;
  const removed = new Map(purges.map(({ table }) => [table, 0]));
  let failures = 0;

  const look = async () => {
    const started = performance.now();
    try {
      const pass = await purgeAll(deps, purges, { signal, ...(ahead && { ahead }) });
      if (!pass) return;
      failures += pass.failed.length;
      for (const [table, count] of Object.entries(pass.removed)) {
        removed.set(table, (removed.get(table) ?? 0) + count);
      }
      const milliseconds = Math.round(performance.now() - started);
      deps.log.info({ ...pass, milliseconds }, 'purge finished');
    } catch (error) {
      failures += 1;
      deps.log.warn({ err: error }, 'purge lease query failed');
    }
  };

  let running: Promise<void> = Promise.resolve();
  const next = () => {
    running = look().then(() => {
      if (!signal.aborted) timer = setTimeout(next, lookEvery).unref();
    });
  };
  let timer = setTimeout(next, lookEvery).unref();

  return {
    stats: () => ({ removed: Object.fromEntries(removed), failures }),
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
