/** One request that was answered. */
export type Sample = {
  readonly operation: string;
  /** Its start, in milliseconds of `performance.now()`. */
  readonly at: number;
  readonly milliseconds: number;
};

/** An activity that is repeated, and how often a second. */
export type Stream = {
  readonly perSecond: number;
  /** Performs the activity once, with `timed` around the measured part. Throws on a wrong response. */
  readonly once: () => Promise<void>;
};

/** The most calls of one stream under way at once. If they are not enough, the machine is too small. */
export const MOST = 40;

/** Load at fixed rates, however long responses take: a server that becomes slower receives no fewer calls. */
export type Traffic = {
  readonly samples: readonly Sample[];
  /** Every failure, in words. */
  readonly failures: readonly string[];
  /** How many calls were due and not begun, because {@link MOST} of their stream were under way. */
  skipped(): number;
  /** Measures one request. */
  timed<T>(operation: string, exchange: () => Promise<T>): Promise<T>;
  start(streams: readonly Stream[]): void;
  /** Begins no more calls and waits for those under way. */
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
