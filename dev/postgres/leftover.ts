import { lchown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProcess, type ProcessInfo, waitUntilGone } from './processes.ts';
import { launcherOf } from './server.ts';

/** No kernel gives this number to a process, and Postgres can read it as one. */
const NOBODYS_PID = 2_147_483_646;

const ORDERLY_MS = 15_000;
const FORCED_MS = 5_000;

/**
 * Deals with what an earlier run left: a Postgres that outlived its launcher is stopped, a lock
 * file whose process number now belongs to something else is disarmed. Data that is in use by a
 * living launcher is refused: two Postgres on one data folder destroy it.
 */
export async function clearLeftover(
  dataDir: string,
  clusterName: string,
  log: (line: string) => void,
): Promise<void> {
  const pid = await lockedBy(dataDir);
  if (pid === undefined) return;
  const found = await inspectProcess(pid);
  if (found?.command.includes(`cluster_name=${clusterName}`)) {
    await stopOrphan(pid, found, dataDir, log);
    return;
  }
  if (found !== undefined && looksLikePostgres(found) && !isOfAnotherFolder(found)) {
    throw new Error(
      `${dataDir}/postmaster.pid names process ${pid}, a Postgres that this launcher did not ` +
        'start. Stop it, or remove that file if it serves other data.',
    );
  }
  log(`${dataDir}/postmaster.pid is from a run that was killed`);
  await disarm(dataDir);
}

async function lockedBy(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 && pid !== NOBODYS_PID ? pid : undefined;
}

async function stopOrphan(
  pid: number,
  found: ProcessInfo,
  dataDir: string,
  log: (line: string) => void,
): Promise<void> {
  const supervisor = await inspectProcess(found.parent);
  const launcher = supervisor === undefined ? undefined : launcherOf(supervisor.command);
  // A process is given to another parent when its own dies: so the launcher lives exactly as
  // long as the supervisor still is its child, whoever has its number by now.
  if (supervisor !== undefined && launcher !== undefined && supervisor.parent === launcher) {
    throw new Error(
      `${dataDir} is in use by the launcher in process ${launcher} (another npm start?). Stop ` +
        'that one, or set DATABASE_URL for this one.',
    );
  }
  log(`stopping the Postgres (process ${pid}) that an earlier run left behind`);
  if (launcher === undefined) signal(pid, 'SIGINT');
  if (await waitUntilGone(pid, ORDERLY_MS)) return;
  signal(pid, 'SIGQUIT');
  if (await waitUntilGone(pid, FORCED_MS)) return;
  throw new Error(`The Postgres in process ${pid} still holds ${dataDir} and does not stop.`);
}

function looksLikePostgres({ command }: ProcessInfo): boolean {
  return /(^|[\\/])postgres(\.exe)?($|[ :])/.test(command);
}

function isOfAnotherFolder({ command }: ProcessInfo): boolean {
  return /\blatchkey-\d+-\d+\b/.test(command);
}

/**
 * Only the number is replaced: the rest of the file leads Postgres to the shared memory of the
 * killed run, and it refuses to start while any process still uses that.
 */
async function disarm(dataDir: string): Promise<void> {
  const path = join(dataDir, 'postmaster.pid');
  const text = await readFile(path, 'utf8');
  const { uid, gid } = await stat(dataDir);
  const made = `${path}.new`;
  await writeFile(made, text.replace(/^\d+/, String(NOBODYS_PID)), { mode: 0o600 });
  if (process.getuid?.() === 0) await lchown(made, uid, gid);
  await rename(made, path);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone between the look and the signal, which is what was wanted.
  }
}
