import type { Deps } from '../deps.ts';
import { MINUTE } from '../kernel/duration.ts';
import { repeatEvery } from '../kernel/repeat.ts';
import { type Purge, purgeAll } from './purge.ts';

/** The rows that this process has removed since its start, for the metrics. */
type RetentionStats = {
  readonly removed: Readonly<Record<string, number>>;
  readonly failures: number;
};

/** The purge of this process, which runs in the background. */
export type RetentionWorker = {
  readonly stats: () => RetentionStats;
  /** Starts no further batch, and waits for the one under way. */
  stop(): Promise<void>;
};

type WorkerOptions = {
  /** How often the worker asks for the lease, in milliseconds. */
  readonly pollEvery?: number;
  /** Runs before each purge, by the instance that holds the lease. */
  readonly prepare?: () => Promise<void>;
};

/**
 * Purges expired rows whenever this instance gets the lease. The worker never throws: a failure is
 * logged, and the next poll tries again.
 */
export function startRetention(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  purges: readonly Purge[],
  { pollEvery = MINUTE, prepare }: WorkerOptions = {},
): RetentionWorker {
  const removed = new Map(purges.map(({ table }) => [table, 0]));
  let failures = 0;

  const poll = async (signal: AbortSignal) => {
    const started = performance.now();
    try {
      const pass = await purgeAll(deps, purges, { signal, ...(prepare && { prepare }) });
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

  const { stop } = repeatEvery(pollEvery, poll);
  return { stats: () => ({ removed: Object.fromEntries(removed), failures }), stop };
}
