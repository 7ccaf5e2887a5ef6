import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Account } from './account.ts';
import { dataDirArgument, postgresEnvironment } from './environment.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervise.ts', import.meta.url));
/** A standby says that they are read-only. */
const READY = /database system is ready to accept (read-only )?connections/;

/** Crash recovery of much data takes a while; what takes longer than this hangs. */
const START_TIMEOUT_MS = 60_000;

/** How much of the log an error shows. */
const TAIL_LINES = 20;

/** What to start Postgres with. */
export interface ServerOptions {
  readonly dataDir: string;
  readonly binDir: string;
  readonly clusterName: string;
  readonly account: Account | undefined;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  log(line: string): void;
}

/** A Postgres that accepts connections. */
export interface Server {
  /** Stops it, once; further calls wait for the same end. */
  stop(): Promise<void>;
}

/** Postgres ended before it was ready; the message holds the end of its log. */
export class PostgresStartError extends Error {
  override readonly name = 'PostgresStartError';
}

/** The launcher's process number in a supervisor's command line; undefined for others. */
export function launcherOf(command: string): number | undefined {
  const [, pid] = /[\\/]supervise\.ts --launcher=(\d+) /.exec(command) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/**
 * Starts Postgres under the supervisor, in a session of its own: a terminal's Ctrl-C reaches
 * every process of ours, and Postgres has to outlive the server that drains into it.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const spec = {
    command: join(options.binDir, 'postgres'),
    args: serverArguments(options),
    cwd: options.dataDir,
    ...options.account,
  };
  const supervisor = spawn(
    process.execPath,
    [SUPERVISOR, `--launcher=${process.pid}`, JSON.stringify(spec)],
    { detached: true, env: postgresEnvironment(), stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const ended = once(supervisor, 'exit').then(
    () => undefined,
    () => undefined,
  );
  supervisor.stdin.on('error', () => undefined);
  const tail: string[] = [];
  let ready = false;
  let stopping = false;

  const stop = async (): Promise<void> => {
    stopping = true;
    supervisor.stdin.end();
    await ended;
  };
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new PostgresStartError(`${reason}\n${tail.join('\n')}`.trim()));
    const timer = setTimeout(() => {
      fail(`Postgres was not ready after ${START_TIMEOUT_MS / 1000} s`);
      void stop();
    }, START_TIMEOUT_MS);
    createInterface({ input: supervisor.stderr }).on('line', (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.log(line);
      if (!READY.test(line)) return;
      ready = true;
      clearTimeout(timer);
      resolve();
    });
    supervisor.on('error', (error) => fail(`Postgres could not be started: ${error.message}`));
    supervisor.on('close', (code, signal) => {
      clearTimeout(timer);
      fail(`Postgres did not start (${code ?? signal})`);
      if (ready && !stopping) options.log(`Postgres ended by itself (${code ?? signal})`);
    });
  });
  return { stop };
}

function serverArguments(options: ServerOptions): string[] {
  const settings: Record<string, string> = {
    cluster_name: options.clusterName,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(options.port),
    logging_collector: 'off',
    // English messages, from which readiness is read, and no statement or value in the log.
    lc_messages: 'C',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  };
  return [
    '-D',
    dataDirArgument(options.dataDir, options.account !== undefined),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}
