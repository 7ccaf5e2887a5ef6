import { SECOND } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';

/** Something that costs a statement to know, as it was a moment ago. */
export type Sampled<T> = {
  /** Null until it was read, and after it could not be read. */
  readonly latest: () => T | null;
  /** Reads no more and waits for the reading under way. */
  readonly stop: () => Promise<void>;
};

/**
 * Reads now and again, so that a collection never waits for the database: metrics are needed most while
 * it is away. A reading that fails is logged the first time in a row.
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
      if (!isFailing) log.warn({ err: error, what }, 'metric query failed');
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
