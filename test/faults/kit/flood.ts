import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLOOD, floodCaller } from '../../../bench/isolation.ts';
import { runLoad } from '../../../bench/lib/load.ts';
import { createHashQueue } from '../../../src/hash-queue/queue.ts';
import { createHasher } from '../../../src/proofs/password/hasher.ts';
import { freePort } from '../../process/spawn.ts';
import type { FaultRun } from '../row.ts';
import { checkLedger, type Findings } from './check.ts';
import { percentile, within } from './figures.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { type Load, signInDevices, startLoad } from './load.ts';
import { holdingsOf } from './process.ts';
import { withStage } from './stage.ts';

/** argon2id as it is set unless an operator sets it otherwise (PW-2). */
const COST = { memoryKib: 19_456, iterations: 2 };

const PEOPLE = 2_000;
const DEVICES = 40;

/** What a flood did to everybody. Times in milliseconds, memory in MB. */
export type Flooded = {
  readonly viewer: number;
  readonly refresh: number;
  /** Of the first herd alone, which meets code that has not run before (ADR-0007). */
  readonly refusedAtFirst: number;
  /** Of all after it. */
  readonly refused: number;
  readonly refusals: number;
  readonly unavailable: number;
  /** Sign-ins a second, the normal load's included. */
  readonly goodput: number;
  /** Hashes a second of a process that does nothing else: before, and after. */
  readonly bare: readonly [number, number];
  /** Of the server's own event loop. */
  readonly delay: number;
  readonly idle: number;
  readonly highest: number;
  readonly ledger: Ledger;
  readonly found: Findings;
};

/** 200 callers sign in as fast as they are let, beside the normal load. */
export function flood(run: FaultRun, concurrency: number, seconds: number): Promise<Flooded> {
  return withFlood(run, concurrency, async (stage, metrics) => {
    const ledger = openLedger();
    const client = { balancer: stage.balancer, ledger };
    const devices = await signInDevices(client, DEVICES);
    const [server] = stage.servers;
    if (!server) throw new TypeError('There is no server.');
    const before = await bareCapacity(concurrency);
    const { rss: idle } = await holdingsOf(server.pid);
    stage.balancer.onTry((answer) => ledger.note(answer));
    const load = startLoad(client, { devices, people: DEVICES, share: run.share });
    await sleep(2_000);
    // Each reading begins the next: what was before the flood is not of it.
    await delayP99(metrics);
    const from = performance.now();
    const callers = Array.from({ length: FLOOD }, (_, index) => floodCaller(index, PEOPLE));
    let highest = idle;
    const looking = setInterval(async () => {
      highest = Math.max(highest, (await holdingsOf(server.pid)).rss);
    }, 200);
    await runLoad(Number(new URL(server.url).port), callers, seconds);
    const until = performance.now();
    clearInterval(looking);
    const delay = await delayP99(metrics);
    await load.stop();
    const after = await bareCapacity(concurrency);
    const found = await checkLedger(ledger, stage);
    const p99 = (kind: keyof Load['timings']) =>
      percentile(within(load.timings[kind], from, until), 0.99);
    const signedIn = callers.reduce((sum, caller) => sum + caller.signedIn(), 0);
    const refusals = callers.flatMap((caller) => caller.refusals);
    return {
      viewer: p99('viewer'),
      refresh: p99('refresh'),
      refused: p99Of(refusals.filter(({ turn }) => turn > 1)),
      refusedAtFirst: p99Of(refusals.filter(({ turn }) => turn === 1)),
      refusals: refusals.length,
      unavailable: callers.reduce((sum, caller) => sum + caller.unavailable(), 0),
      goodput: (signedIn * 1000) / (until - from),
      bare: [before, after],
      delay,
      idle,
      highest,
      ledger,
      found,
    };
  });
}

function p99Of(refusals: readonly { readonly milliseconds: number }[]): number {
  const taken = refusals.map(({ milliseconds }) => milliseconds);
  return percentile(taken, 0.99);
}

async function withFlood<T>(
  run: FaultRun,
  concurrency: number,
  work: (stage: Parameters<Parameters<typeof withStage>[2]>[0], metrics: string) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const env = { METRICS_PORT: String(port), HASH_CONCURRENCY: String(concurrency) };
  return await withStage(run, { people: PEOPLE, env }, (stage) =>
    work(stage, `http://127.0.0.1:${port}/metrics`),
  );
}

/** Since the last reading. */
async function delayP99(metrics: string): Promise<number> {
  const text = await (await fetch(metrics)).text();
  const seconds = /^nodejs_eventloop_delay_p99_seconds (\S+)/m.exec(text)?.[1];
  return Number(seconds ?? Number.NaN) * 1000;
}

/** Hashes a second with nothing beside them. */
async function bareCapacity(concurrency: number): Promise<number> {
  const hasher = createHasher({
    ...COST,
    queue: createHashQueue({ concurrency, capacity: concurrency }),
    random: { bytes: randomBytes },
  });
  let hashes = 0;
  const startedAt = performance.now();
  const worker = async () => {
    while (performance.now() - startedAt < 3_000) {
      await hasher.verify('a password', null);
      hashes += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (hashes * 1000) / (performance.now() - startedAt);
}
