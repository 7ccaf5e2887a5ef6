import type { Deps } from '../deps.ts';
import { MINUTE } from '../kernel/duration.ts';
import { type Repeating, repeatEvery } from '../kernel/repeat.ts';
import { countAll } from './count.ts';

/**
 * Counts the statistics whenever this instance gets the lease. The worker never throws: a failure is logged, and the next
 * poll goes on where the last committed batch ended.
 *
 * @param pollEvery how often the worker asks for the lease, in milliseconds
 */
export function startStatistics(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  pollEvery = MINUTE,
): Repeating {
  return repeatEvery(pollEvery, async (signal) => {
    const started = performance.now();
    try {
      const pass = await countAll(deps, { signal });
      if (!pass || (pass.events === 0 && !pass.hasTotals)) return;
      const milliseconds = Math.round(performance.now() - started);
      deps.log.debug({ ...pass, milliseconds }, 'statistics counted');
    } catch (error) {
      deps.log.warn({ err: error }, 'statistics not counted');
    }
  });
}
