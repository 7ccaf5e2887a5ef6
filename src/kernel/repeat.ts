/** Work that repeats in the background. */
export type Repeating = {
  /** Aborts the signal of the work, starts it no more, and waits for the run under way. */
  stop(): Promise<void>;
};

/**
 * Repeats work, with a pause before each run. Runs never overlap.
 *
 * @param work must not throw; the signal says that it should end early
 */
export function repeatEvery(
  pause: number,
  work: (signal: AbortSignal) => Promise<void>,
): Repeating {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> = Promise.resolve();
  const next = () => {
    running = work(signal).then(() => {
      if (!signal.aborted) timer = setTimeout(next, pause).unref();
    });
  };
  let timer = setTimeout(next, pause).unref();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
