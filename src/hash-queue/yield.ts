import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { errorCode } from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';

/** libuv names the threads of its pool so; on Linux each has its own niceness. */
const POOL_THREAD = 'libuv-worker';

/** A quarter of a core where everything else wants all of it, and all of it where nothing does. */
const STEPS = 5;

/** The lowest priority of the kernel. */
const LOWEST_PRIORITY = 19;

/**
 * Lowers the priority of the hashing threads, so that the thread that answers requests goes first (ADR-0007).
 * This needs no privilege. The thread pool starts with its first work, so call this function after that;
 * before, it finds no threads. On systems that do not list threads, nothing changes.
 *
 * @param tasks the directory in which the system lists the threads of this process
 */
export function letHashesYield(log: Log, tasks = '/proc/self/task'): void {
  try {
    const pool = readdirSync(tasks).filter(
      (thread) => readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim() === POOL_THREAD,
    );
    const niceness = Math.min(LOWEST_PRIORITY, getPriority() + STEPS);
    for (const thread of pool) setPriority(Number(thread), niceness);
    log.info({ threads: pool.length, niceness }, 'hash threads deprioritized');
  } catch (error) {
    log.info({ reason: errorCode(error) ?? 'unknown' }, 'hash threads not deprioritized');
  }
}
