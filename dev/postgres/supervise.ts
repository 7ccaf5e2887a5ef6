import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs Postgres for as long as somebody holds the other end of standard input. A launcher that
 * is killed outright cannot stop anything itself, but its end of the pipe closes with it: then,
 * and when the launcher closes it on purpose, Postgres is shut down.
 */

const FAST = 'SIGINT';
const IMMEDIATE = 'SIGQUIT';
const IMMEDIATE_AFTER_MS = 10_000;
const KILL_AFTER_MS = 14_000;

interface Spec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

function supervise(spec: Spec): void {
  const { command, args, ...options } = spec;
  const postgres = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = onlyOnce(() => shutDown(postgres));
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  postgres.on('error', () => process.exit(127));
  postgres.on('exit', (code) => process.exit(code ?? 1));
}

function shutDown(postgres: ChildProcess): void {
  postgres.kill(FAST);
  setTimeout(() => postgres.kill(IMMEDIATE), IMMEDIATE_AFTER_MS);
  setTimeout(() => postgres.kill('SIGKILL'), KILL_AFTER_MS);
}

function onlyOnce(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}

const [, spec = ''] = process.argv.slice(2);
supervise(JSON.parse(spec));
