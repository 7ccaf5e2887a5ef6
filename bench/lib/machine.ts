import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** The core of the measured process; everything else shares the other cores. */
const SERVER_CORE = '0';

const cores = availableParallelism();
const canPin = cores > 1 && hasTaskset();

/** The command that runs a measured process on its own core, if the system can do that. */
export function pinned(command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', SERVER_CORE, ...command] : command;
}

/** Moves this process, and everything it starts from now on, away from the measured core. */
export function stepAside(): void {
  if (!canPin) return;
  const others = `1-${cores - 1}`;
  execFileSync('taskset', ['-a', '-p', '-c', others, String(process.pid)], { stdio: 'ignore' });
}

/** Describes the machine: the figures mean nothing elsewhere, their ratios a little. */
export function describeMachine(): Readonly<Record<string, string | number | boolean>> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    pinned: canPin,
    // Read before the bench starts anything: on a busy machine the figures are noise.
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
