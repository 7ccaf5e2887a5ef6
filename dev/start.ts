import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { readTextFile, TextEncodingError } from '../src/settings/text-file.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

/**
 * What `npm start` runs. In production: the server, and nothing else. Otherwise: `.env`, an
 * embedded Postgres unless DATABASE_URL names another, and the server in a process of its own.
 */

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(CHECKOUT, 'src', 'main.ts');
const DEVELOPMENT_MAIN = join(CHECKOUT, 'dev', 'server.ts');
const LOAD_QUICKLY = new URL('./load-quickly.ts', import.meta.url).href;
const STOP_WITH_LAUNCHER = new URL('./stop-with-launcher.ts', import.meta.url).href;
const DATA_DIR = join(CHECKOUT, '.data', 'postgres');
const LOG_FILE = join(CHECKOUT, '.data', 'postgres.log');

/** Not 5432: a Postgres of the machine's own lives there. */
const WISHED_PORT = 5433;

/**
 * One Ctrl-C arrives twice: from the terminal, and again from npm, which passes on what it got
 * itself. What comes this soon after the first is the same key.
 */
const SAME_KEY_MS = 400;

/** How often the launcher checks whether its parent process still exists. */
const PARENT_CHECK_MS = 500;

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof STOP_SIGNALS)[number];

/** The request to stop: the first is passed on to the server, a second one kills it. */
class StopRequest {
  #first: { signal: StopSignal; at: number } | undefined;
  #server: ChildProcess | undefined;

  listen(): void {
    const { npm_lifecycle_event: npmScript } = process.env;
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.#receive(signal));
    if (isSet(npmScript)) this.#watchParent();
  }

  /** npm, or the shell between it and us, can die of a signal and pass nothing on. */
  #watchParent(): void {
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      if (this.#first === undefined) this.#receive('SIGTERM');
    }, PARENT_CHECK_MS);
    timer.unref();
  }

  get signal(): StopSignal | undefined {
    return this.#first?.signal;
  }

  forwardTo(server: ChildProcess): void {
    this.#server = server;
    if (this.#first !== undefined) server.kill(this.#first.signal);
  }

  #receive(signal: StopSignal): void {
    if (this.#first === undefined) {
      // A closed terminal is no reason to leave work undone: it asks for the same drain.
      this.#first = { signal: signal === 'SIGHUP' ? 'SIGTERM' : signal, at: Date.now() };
      this.#server?.kill(this.#first.signal);
      return;
    }
    if (Date.now() - this.#first.at < SAME_KEY_MS) return;
    const running = this.#server?.exitCode === null && this.#server.signalCode === null;
    // After the server ended, only Postgres is left. It shuts down by itself when this process ends.
    if (running) this.#server?.kill('SIGKILL');
    else process.exit(exitCodeOf(signal));
  }
}

async function start(): Promise<number> {
  const envFile = join(CHECKOUT, '.env');
  if (!isProduction() && existsSync(envFile)) loadEnvFile(envFile);
  const stop = new StopRequest();
  if (isProduction()) return runProduction(stop);
  stop.listen();
  const { DATABASE_URL, DATABASE_URL_FILE } = process.env;
  if (isSet(DATABASE_URL) || isSet(DATABASE_URL_FILE)) return runServer(stop, {});

  const database = await startEmbeddedPostgres({
    dataDir: DATA_DIR,
    port: WISHED_PORT,
    log: databaseLog(),
  }).catch((error: unknown) => {
    if (stop.signal === undefined) throw error;
    return undefined;
  });
  if (database === undefined) return exitCodeOf(stop.signal ?? 'SIGTERM');
  try {
    if (stop.signal !== undefined) return exitCodeOf(stop.signal);
    announce(database);
    return await runServer(stop, { DATABASE_URL: database.url });
  } finally {
    await database.stop();
  }
}

/** The server in a session of its own: a terminal's Ctrl-C reaches it once, through us. */
async function runServer(stop: StopRequest, environment: NodeJS.ProcessEnv): Promise<number> {
  const preloaded = ['--import', LOAD_QUICKLY, '--import', STOP_WITH_LAUNCHER];
  const server = spawn(process.execPath, [...preloaded, DEVELOPMENT_MAIN], {
    cwd: CHECKOUT,
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  stop.forwardTo(server);
  return exitOf(server);
}

async function runProduction(stop: StopRequest): Promise<number> {
  const args = [...process.execArgv, MAIN];
  if (process.platform !== 'win32' && process.execve !== undefined) {
    process.execve(process.execPath, [process.execPath, ...args], process.env);
  }
  stop.listen();
  const server = spawn(process.execPath, args, { stdio: 'inherit' });
  stop.forwardTo(server);
  return exitOf(server);
}

async function exitOf(server: ChildProcess): Promise<number> {
  const [code, signal]: (number | NodeJS.Signals | null)[] = await once(server, 'exit');
  if (typeof code === 'number') return code;
  return typeof signal === 'string' ? exitCodeOf(signal) : 1;
}

function announce(database: EmbeddedPostgres): void {
  const data = relative(CHECKOUT, DATA_DIR);
  console.log(
    `Database: embedded Postgres on 127.0.0.1:${database.port}, data in ${data}\n` +
      'To use your own: DATABASE_URL=postgres://user:password@host:5432/name npm start',
  );
}

/** Postgres's own log goes to a file, the launcher's messages to the terminal. */
function databaseLog(): (line: string) => void {
  let started = false;
  return (line) => {
    if (!/^\d{4}-\d\d-\d\d /.test(line)) console.error(`Database: ${line}`);
    try {
      (started ? appendFileSync : writeFileSync)(LOG_FILE, `${line}\n`, { mode: 0o600 });
      started = true;
    } catch {
      // A log that cannot be written is no reason to go without the database.
    }
  };
}

function isProduction(): boolean {
  const { NODE_ENV } = process.env;
  return NODE_ENV === 'production';
}

/** As process.loadEnvFile, and also from an editor that saves a byte order mark. */
function loadEnvFile(path: string): void {
  let text: string;
  try {
    text = readTextFile(path);
  } catch (error) {
    if (!(error instanceof TextEncodingError)) throw error;
    throw new Error(`${relative(CHECKOUT, path)} ${error.message}.`);
  }
  for (const [name, value] of Object.entries(parseEnv(text))) process.env[name] ??= value;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

try {
  process.exitCode = await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
