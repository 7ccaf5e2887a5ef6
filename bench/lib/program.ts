import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from '../../test/support/accepts.ts';
import { pinned } from './machine.ts';

/** A measured process. */
export type Program = {
  readonly pid: number;
  /** Milliseconds from the start of the process to the first response. */
  readonly startMs: number;
  /** Resident memory in MiB, now and at its highest; null if the system does not report it. */
  memory(): { readonly now: number; readonly peak: number } | null;
  /** Processor time used so far, in milliseconds; null if the system does not report it. */
  cpuMs(): number | null;
  stop(): Promise<void>;
};

export type ProgramOptions = {
  /** Arguments of node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Whether to run on the measured core. Everything does but a soak, which shares the machine for an hour. */
  readonly pin?: boolean;
  /** How many descriptors the process may open; as many as this process if absent. */
  readonly descriptors?: number;
  /** True once the process answers as it should. */
  readonly isReady: () => Promise<boolean>;
};

const START_LIMIT_MS = 60_000;

/** Starts node on the measured core, and waits for its first correct response. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { pin = true } = options;
  const node = [process.execPath, ...options.args];
  const start =
    options.descriptors === undefined
      ? node
      : ['/bin/sh', '-c', `ulimit -n ${options.descriptors}; exec "$0" "$@"`, ...node];
  const [command = '', ...args] = pin ? pinned(start) : start;
  const startedAt = performance.now();
  const child = spawn(command, args, {
    // Nothing from this process's environment: settings come from the bench alone.
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const failed = () => `${options.args.join(' ')} did not start.\n${errors.join('')}`;
  while (!((await accepts(options.port)) && (await options.isReady()))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() - startedAt > START_LIMIT_MS) {
      child.kill('SIGKILL');
      throw new Error(failed());
    }
    await sleep(2);
  }
  const startMs = performance.now() - startedAt;
  const pid = child.pid ?? 0;
  return {
    pid,
    startMs,
    memory: () => memoryOf(pid),
    cpuMs: () => cpuOf(pid),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

function memoryOf(pid: number): { readonly now: number; readonly peak: number } | null {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return null;
  const status = readFileSync(path, 'utf8');
  const mebibytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

/** proc(5): fields 14 and 15, in hundredths of a second. Wall time is noise on a busy machine. */
function cpuOf(pid: number): number | null {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return null;
  const stat = readFileSync(path, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
