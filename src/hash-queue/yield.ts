import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { errorCode } from '../kernel/errors.ts';
import type { Log } from '../kernel/ports.ts';

/** libuv names the threads of its pool so; on Linux each has its own niceness. */
const POOL_THREAD = 'libuv-worker';

/** A quarter of a core where everything else wants all of it, and all of it where nothing does. */
const STEPS = 5;

/** The kernel's last. */
const LAST = 19;

/**
 * Lets the threads that hash yield to the one that answers (ADR-0007). Needs no
 * privilege. The pool begins with the first work it is given: call it after that, or there is
 * nothing to find. Where threads cannot be told apart everything runs as it did.
 *
 * @param tasks where the system lists this process's threads
 */
export function letHashesYield(log: Log, tasks = '/proc/self/task'): void {
  try {
    const pool = readdirSync(tasks).filter(
      (thread) => readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim() === POOL_THREAD,
    );
    const niceness = Math.min(LAST, getPriority() + STEPS);
    for (const thread of pool) setPriority(Number(thread), niceness);
    log.info({ threads: pool.length, niceness }, 'hash threads deprioritized');
  } catch (error) {
    log.info({ reason: errorCode(error) ?? 'unknown' }, 'hash threads not deprioritized');
  }
}
