import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** What the system reports about a process. */
export interface ProcessInfo {
  readonly parent: number;
  readonly command: string;
}

/**
 * The process of that number; undefined when there is none, also when it is dead and only its
 * entry waits for a parent that never asks (a container's first process often never does).
 */
export async function inspectProcess(pid: number): Promise<ProcessInfo | undefined> {
  if (!isAlive(pid)) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Waits until the process has ended; false if it still runs after that time. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while ((await inspectProcess(pid)) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function fromProc(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<ProcessInfo | undefined> {
  const args = ['-o', 'stat=', '-o', 'ppid=', '-o', 'args=', '-p', String(pid)];
  const result = await promisify(execFile)('ps', args).catch(() => undefined);
  const found = /^\s*(\S+)\s+(\d+)\s+(.*)$/m.exec(result?.stdout ?? '');
  const [, state = 'Z', parent = '0', command = ''] = found ?? [];
  return state.startsWith('Z') ? undefined : { parent: Number(parent), command };
}
