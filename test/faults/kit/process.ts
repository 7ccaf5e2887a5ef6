import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_ENV } from '../../../bench/contenders/latchkey.ts';
import { IMAGE_FLAGS } from '../../../scripts/build/image-flags.ts';
import { type LaunchOptions, type ServerProcess, spawnServer } from '../../process/spawn.ts';
import { openUpstream } from './http.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** How long a start may take before the row fails. */
const START_LIMIT = 90_000;

/** A server that answers. */
export type RunningServer = ServerProcess & {
  /** From the start of the process to its first 200 of /health/ready, in milliseconds. */
  readonly readyAfter: number;
};

/**
 * Starts the real server and waits until it is ready.
 *
 * @param bundle the folder of the bundle, run as the image runs it; null for the sources
 * @param main the main file of another version, run in the same way
 * @throws when it ends instead
 */
export async function startProcess(
  env: Readonly<Record<string, string>>,
  { bundle, main }: { readonly bundle: string | null; readonly main?: string },
): Promise<RunningServer> {
  const startedAt = performance.now();
  const server = spawnServer(launchOf(env, { bundle, ...(main !== undefined && { main }) }));
  let ended: number | NodeJS.Signals | null = null;
  server.ended.then((how) => {
    ended = how;
  });
  const probe = openUpstream(server.url);
  try {
    for (;;) {
      if ((await probe.send('/health/ready', { timeout: 2_500 })).status === 200) break;
      if (ended !== null || performance.now() - startedAt > START_LIMIT) {
        server.kill('SIGKILL');
        throw new Error(`The server did not start (${ended}):\n${server.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    probe.close();
  }
  return { ...server, readyAfter: performance.now() - startedAt };
}

/** What node is to run, and with what around it: a bundle as the image does. */
export function launchOf(
  env: Readonly<Record<string, string>>,
  { bundle, main }: { readonly bundle: string | null; readonly main?: string },
): Pick<LaunchOptions, 'env' | 'command'> {
  if (bundle === null) return { env, command: [main ?? join(ROOT, 'src/main.ts')] };
  return {
    env: { ...IMAGE_ENV, ...env },
    command: [...IMAGE_FLAGS, main ?? join(bundle, 'main.mjs')],
  };
}

/** The operator's door of the same. */
export function cliOf(bundle: string | null): string {
  return bundle === null ? join(ROOT, 'src/cli.ts') : join(bundle, 'cli.mjs');
}

/** What a process holds. */
type Holdings = { readonly rss: number; readonly descriptors: number };

/** Resident memory in MB and open descriptors; NaN where the system does not report them (Linux does). */
export async function holdingsOf(pid: number): Promise<Holdings> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const open = await readdir(`/proc/${pid}/fd`).catch(() => null);
  return {
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024,
    descriptors: open?.length ?? Number.NaN,
  };
}
