/** One answered exchange. */
export type Sample = {
  readonly operation: string;
  /** When it was begun, in milliseconds of `performance.now()`. */
  readonly at: number;
  readonly milliseconds: number;
};

/** What is done over and over, and how often a second. */
export type Stream = {
  readonly perSecond: number;
  /** Does it once, by way of `timed` for what is to be measured. Throws on a wrong answer. */
  readonly once: () => Promise<void>;
};

/** Of one stream under way at once. Beyond it the machine is too small, and more would say no more. */
export const MOST = 40;

/** Load at fixed rates, whatever the answers take: a server that gets slower gets no fewer calls. */
export type Traffic = {
  readonly samples: readonly Sample[];
  /** What went wrong, in words; all of it. */
  readonly failures: readonly string[];
  /** How many were due and not begun, because {@link MOST} of their stream were under way. */
  skipped(): number;
  /** Measures one exchange. */
  timed<T>(operation: string, exchange: () => Promise<T>): Promise<T>;
  start(streams: readonly Stream[]): void;
  /** Begins nothing more and waits for what is under way. */
  stop(): Promise<void>;
};

export function createTraffic(): Traffic {
  const samples: Sample[] = [];
  const failures: string[] = [];
  const timers: NodeJS.Timeout[] = [];
  const all: Set<Promise<void>>[] = [];

  let skipped = 0;

  const begin = ({ once }: Stream, underWay: Set<Promise<void>>) => {
    if (underWay.size >= MOST) {
      skipped += 1;
      return;
    }
    const work = once().catch((error: unknown) => {
      failures.push(`${new Date().toISOString()} ${explain(error)}`);
    });
    underWay.add(work);
    void work.then(() => underWay.delete(work));
  };

  return {
    samples,
    failures,
    skipped: () => skipped,
    async timed(operation, exchange) {
      const at = performance.now();
      const result = await exchange();
      samples.push({ operation, at, milliseconds: performance.now() - at });
      return result;
    },
    start(streams) {
      for (const stream of streams) {
        const underWay = new Set<Promise<void>>();
        all.push(underWay);
        timers.push(setInterval(() => begin(stream, underWay), 1000 / stream.perSecond));
      }
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(all.flatMap((underWay) => [...underWay]));
    },
  };
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
