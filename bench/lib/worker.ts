import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pinned } from './machine.ts';

/** What a floor's own process measured of itself. */
export type WorkerRun = {
  readonly seconds: number;
  readonly latencies: readonly number[];
  /** Processor time for all of it. */
  readonly cpuMs: number;
};

/** Runs a script that ends with {@link measure}, on the measured core. */
export async function runWorker(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerRun> {
  const [command = '', ...rest] = pinned([process.execPath, script, ...args]);
  const { stdout } = await promisify(execFile)(command, rest, {
    env: { PATH: process.env['PATH'], ...env },
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout);
}

/** In the worker: does something over and over, so many at once, after a short warm-up. */
export async function measure(
  once: () => Promise<unknown>,
  { seconds, concurrency }: { readonly seconds: number; readonly concurrency: number },
): Promise<void> {
  await closedLoop(once, Math.min(1, seconds / 2), concurrency);
  const before = process.cpuUsage();
  const { latencies, seconds: took } = await closedLoop(once, seconds, concurrency);
  const { user, system } = process.cpuUsage(before);
  const run: WorkerRun = { seconds: took, latencies, cpuMs: (user + system) / 1000 };
  process.stdout.write(JSON.stringify(run));
}

async function closedLoop(once: () => Promise<unknown>, seconds: number, concurrency: number) {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const loop = async () => {
    for (let at = performance.now(); at < startedAt + seconds * 1000; ) {
      await once();
      const now = performance.now();
      latencies.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return { latencies, seconds: (performance.now() - startedAt) / 1000 };
}
