import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';

/** A value that costs a statement to read, as of the last reading. */
export type Sampled<T> = {
  /** Null before the first reading, and after a reading that failed. */
  readonly latest: () => T | null;
  /** Stops reading, and waits for the reading under way. */
  readonly stop: () => Promise<void>;
};

/**
 * Reads a value at intervals, so that a collection of metrics never waits for the database: metrics are
 * needed most during an outage. If several readings in a row fail, only the first failure is logged.
 */
export function keepSampled<T>(
  read: () => Promise<T>,
  {
    log,
    what,
    every = 15 * SECOND,
  }: { readonly log: Log; readonly what: string; readonly every?: number },
): Sampled<T> {
  let latest: T | null = null;
  let isFailing = false;
  let isStopped = false;
  const sample = async () => {
    try {
      latest = await read();
      isFailing = false;
    } catch (error) {
      latest = null;
      if (!isFailing) log.warn({ err: error, metric: what }, 'metric query failed');
      isFailing = true;
    }
  };
  let timer: NodeJS.Timeout;
  let last: Promise<void>;
  const next = () => {
    last = sample().then(() => {
      if (!isStopped) timer = setTimeout(next, every).unref();
    });
  };
  next();
  return {
    latest: () => latest,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}
